// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package spelling_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/internal/spelling"
)

func TestNearest(t *testing.T) {
	for written, want := range map[string]string{
		"cuont": "count", "COUNT": "count", "visit": "visits", "query_log_count": "querylogcount", "orders": "", "x": "",
	} {
		assert.Equal(t, want, spelling.Nearest(written, []string{"visits", "querylogcount", "count", "mount", "plan"}), written)
	}
	assert.Equal(t, "aab", spelling.Nearest("aaa", []string{"aac", "aab"}), "of two as near the first by the alphabet")
	assert.Empty(t, spelling.Nearest("a", nil))
}
