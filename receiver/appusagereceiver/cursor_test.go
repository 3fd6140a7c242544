// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func TestCursor(t *testing.T) {
	steps := []struct {
		what   string
		print  string
		newest source.Value
		fresh  bool
		note   string
	}{
		{"the first row ever", "db/log/id", int64(10), true, ""},
		{"the same row", "db/log/id", int64(10), false, ""},
		{"two newer rows", "db/log/id", int64(12), true, ""},
		{"the newest was deleted, and 11 was passed over", "db/log/id", int64(11), true, "the table began again, and so does its cursor"},
		{"it was deleted too", "db/log/id", int64(10), false, "the rows after the newest one were deleted; it goes on from there"},
		{"a newer row with an old number that was passed on", "db/log/id", int64(12), true, ""},
		{"the table was emptied and filled", "db/log/id", int64(2), true, "the table began again, and so does its cursor"},
		{"another table", "db/log2/id", int64(2), true, "it reads other rows than before, and starts anew"},
		{"another type", "db/log2/id", time.Unix(0, 5).UTC(), true, "the table began again, and so does its cursor"},
		{"a later time", "db/log2/id", time.Unix(0, 6).UTC(), true, ""},
		{"the same time", "db/log2/id", time.Unix(0, 6).UTC(), false, ""},
	}
	var c cursor
	for _, step := range steps {
		next, fresh, note := c.advance(step.print, step.newest)
		assert.Equal(t, step.fresh, fresh, step.what)
		assert.Equal(t, step.note, note, step.what)
		// As it comes back from storage.
		stored, err := json.Marshal(next)
		require.NoError(t, err)
		c = cursor{}
		require.NoError(t, json.Unmarshal(stored, &c))
	}
}

// TestCursorNeverRepeats deletes rows from the end at random: none may come twice.
func TestCursorNeverRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c cursor
		rows, next := []int64{}, int64(1)
		came := map[int64]bool{}
		for range rapid.IntRange(1, remembered).Draw(t, "scrapes") {
			for range rapid.IntRange(0, 3).Draw(t, "inserted") {
				rows = append(rows, next)
				next++
			}
			rows = rows[:max(0, len(rows)-rapid.IntRange(0, 2).Draw(t, "deleted"))]
			if len(rows) == 0 {
				continue
			}
			newest := rows[len(rows)-1]
			var fresh bool
			if c, fresh, _ = c.advance("db/log/id", newest); fresh {
				require.False(t, came[newest], "row %d came twice", newest)
				came[newest] = true
			}
		}
	})
}
