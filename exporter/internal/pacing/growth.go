// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"slices"
	"time"
)

// Growth are the totals between which a report tells what was counted, as texts; empty for a report that
// tells no increase, and Since for the first that does.
type Growth struct{ Since, Until string }

// totals are those up to which a stat's accepted reports told what was counted.
type totals struct {
	Stat  string `json:"stat"`
	Until string `json:"until"`
}

// totalsKept is how long they are remembered of an installation whose reports are not accepted any more.
const totalsKept = int64(366 * 24 * time.Hour)

// Growth returns the totals up to which the stat's accepted reports told, and those up to which one tells
// that was tried and may have been accepted: its repetition has to tell the same.
func (t *Tracker) Growth(ctx context.Context, key Key, stat string) (told Growth, err error) {
	_, err = t.look(ctx, key, func(r *record, _ int64) bool {
		told.Since = r.told(stat)
		if a := r.attempt(stat); a != nil {
			told.Until = a.Until
		}
		return false
	})
	return told, err
}

func (r *record) told(stat string) string {
	for _, t := range r.Totals {
		if t.Stat == stat {
			return t.Until
		}
	}
	return ""
}

// tells reports whether a report goes on where the last one ended, and ends where its earlier tries do.
func (r *record) tells(stat string, growth Growth) bool {
	if growth.Until == "" {
		return true
	}
	a := r.attempt(stat)
	return growth.Since == r.told(stat) && (a == nil || a.Until == "" || a.Until == growth.Until)
}

// toldUntil notes up to which totals an accepted report told. One that told no increase leaves none: what was
// counted since the last that did is of more than one interval.
func (r *record) toldUntil(stat, until string) {
	if r.told(stat) == until {
		return
	}
	r.Totals = slices.DeleteFunc(slices.Clone(r.Totals), func(t totals) bool { return t.Stat == stat })
	if until != "" {
		r.Totals = append(r.Totals, totals{stat, until})
	}
}
