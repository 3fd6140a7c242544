// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oncelog

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestASubjectIsWorthALineWhenItsStateChanges(t *testing.T) {
	var s Subjects[string]
	assert.False(t, s.Ends("disk"), "what never began does not end")
	assert.True(t, s.Begins("disk", "full"))
	assert.False(t, s.Begins("disk", "full"))
	assert.True(t, s.Begins("disk", "gone"))
	assert.True(t, s.Begins("network", "full"), "each subject for itself")
	assert.Equal(t, 2, s.Len())
	assert.True(t, s.Ends("disk"))
	assert.False(t, s.Ends("disk"))
	assert.True(t, s.Begins("disk", "gone"), "after its end it begins anew")
}

func TestAnEmptyStateIsAState(t *testing.T) {
	var s Subjects[int]
	assert.True(t, s.Begins(1, ""))
	assert.False(t, s.Begins(1, ""))
}

func TestSubjectsAreBounded(t *testing.T) {
	var s Subjects[int]
	for i := range maxSubjects {
		assert.True(t, s.Begins(i, "ill"))
	}
	assert.False(t, s.Begins(maxSubjects, "ill"))
	assert.True(t, s.Begins(0, "worse"), "those that are known go on")
	assert.True(t, s.Ends(0))
	assert.True(t, s.Begins(maxSubjects, "ill"))
}
