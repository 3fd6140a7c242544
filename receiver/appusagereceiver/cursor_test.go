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
		{"a text", "db/users/email", "zoe@example.com", true, "it reads other rows than before, and starts anew"},
		{"the same text", "db/users/email", "zoe@example.com", false, ""},
		{"another text", "db/users/email", "zora@example.com", true, ""},
		{"the newest was deleted, and one is left that came", "db/users/email", "zoe@example.com", false, "the rows after the newest one were deleted; it goes on from there"},
	}
	var c cursor
	for _, step := range steps {
		next, fresh, note := c.advance(step.print, step.newest)
		assert.Equal(t, step.fresh, fresh, step.what)
		assert.Equal(t, step.note, note, step.what)
		// As it comes back from storage.
		stored, err := json.Marshal(next)
		require.NoError(t, err)
		assert.NotContains(t, string(stored), "example.com", "a text is not stored as it is")
		c = cursor{}
		require.NoError(t, json.Unmarshal(stored, &c))
	}
}

func TestCursorConcealsTheTextsOfEarlierVersions(t *testing.T) {
	c := cursor{Fingerprint: "db/users/email", At: "text:zoe@example.com", Passed: []key{"text:ann@example.com", "text:zoe@example.com"}}
	require.True(t, c.conceal())
	stored, err := json.Marshal(c)
	require.NoError(t, err)
	assert.NotContains(t, string(stored), "example.com")
	assert.False(t, c.conceal(), "once")
	for _, known := range []string{"zoe@example.com", "ann@example.com"} {
		_, fresh, _ := c.advance(c.Fingerprint, known)
		assert.False(t, fresh, known)
	}
	number := cursor{At: "int:7", Passed: []key{"int:7"}}
	assert.False(t, number.conceal())
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
