// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDepth is about arrays whose ends are known, so that any number of replies may follow each other.
func TestDepth(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		open  int
	}{
		"one after another":    {strings.Repeat("*2 :1 :2 ", 100), 0},
		"in each other":        {"*1 *1 *1 :1", 0},
		"two deep":             {"*2 :1 *2 :1", 2},
		"empty ones":           {"*2 *0 *-1", 0},
		"pairs":                {"%2 +a +b +c", 1},
		"pairs, all":           {"%2 +a +b +c :1", 0},
		"an end of several":    {"*2 :1 *2 :1 *1 _", 0},
		"nothing and an error": {"*2 $-1 -ERR", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := &resp{}
			for line := range strings.FieldsSeq(c.lines) {
				body, err := r.Header([]byte(line))
				require.NoError(t, err)
				require.Zero(t, body)
			}
			assert.Len(t, r.owed, c.open)
		})
	}
}

// FuzzHeader is about any lines at all: no panic, no depth and no body beyond the bounds.
func FuzzHeader(f *testing.F) {
	f.Add("*2\n$3\n:1\n%1\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := &resp{}
		for line := range strings.SplitSeq(text, "\n") {
			body, err := r.Header([]byte(line))
			if err != nil {
				return
			}
			require.LessOrEqual(t, body, int64(65<<10))
			require.LessOrEqual(t, len(r.owed), maxDepth)
		}
	})
}
