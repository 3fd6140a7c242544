// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package apps_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/apps"
)

func TestProfilesHaveTheNamesOfTheDocuments(t *testing.T) {
	over := map[string][]string{}
	for _, p := range apps.Profiles() {
		assert.NotContains(t, over, p.Name, "twice")
		assert.NotEmpty(t, p.Summary, p.Name)
		assert.NotContains(t, p.Summary, "Over ", p.Name)
		over[p.Name] = p.Over
	}
	assert.Nil(t, over["sql-explorer"])
	assert.Nil(t, over["base"])
	assert.Equal(t, []string{"sql-explorer-relay", "sql-explorer"}, over["strict"])
	assert.Equal(t, []string{"sql-explorer"}, over["5.0"])
	assert.Equal(t, []string{apps.AnyProfile}, over["preview"])
	assert.NotContains(t, over, "sql-explorer-strict")
}
