// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/trust"
)

// words are what is said of one stat when the run is over.
type words struct {
	// accepted is the host that accepted it.
	accepted string
	// failed says how the last try failed.
	failed string
	// waits: it is due, and was put off to a later try.
	waits bool
	// due is when it may be sent next.
	due time.Time
}

// of is the stat's. The caller holds mu.
func (r *Run) of(stat string) *words {
	w, known := r.words[stat]
	if !known {
		w = &words{}
		r.words[stat] = w
	}
	return w
}

func (r *Run) heard(d trust.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch w := r.of(d.Stat); d.Verdict {
	case trust.Accepted:
		w.accepted = d.Host
	case trust.Again:
		w.failed = cmp.Or(d.Wrong, d.Host+" did not accept it")
	}
}

// postponed is what is said of a stat that is due and waits; empty of one that does not. The caller holds mu.
func (r *Run) postponed(stat string) string {
	w := r.of(stat)
	switch {
	case w.failed == "" && !w.waits:
		return ""
	case w.failed == "":
		return "it waits" + w.again()
	default:
		return w.failed + "; it waits" + w.again()
	}
}

// again says when a stat is tried again.
func (w *words) again() string {
	if w.due.After(time.Now()) {
		return ", and is tried again by a run after " + moment(w.due)
	}
	return ", and is tried again by the next run"
}

// said is what is said of a stat that did well; empty where that is nothing. The caller holds mu.
func (r *Run) said(stat string) string {
	switch w := r.of(stat); {
	case w.accepted != "" && !w.due.IsZero():
		return fmt.Sprintf("%s accepted by %s, next due %s", stat, w.accepted, moment(w.due))
	case w.accepted != "":
		return fmt.Sprintf("%s accepted by %s", stat, w.accepted)
	case w.waits && !w.due.IsZero():
		return stat + " waits, and is not tried again before " + moment(w.due)
	case !w.due.IsZero():
		return fmt.Sprintf("%s not due before %s", stat, moment(w.due))
	default:
		return ""
	}
}

// Summary is one line on a run that delivers and went well: what was accepted and when
// what is next due. Anything is false where there was nothing to do, of which nobody has
// to hear. A run that did not go well says the same in its Result.
func (r *Run) Summary() (line string, anything bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until != Delivered || r.needless {
		return "", false
	}
	var parts []string
	for _, stat := range slices.Sorted(maps.Keys(r.words)) {
		if said := r.said(stat); said != "" {
			parts = append(parts, said)
		}
		anything = anything || r.words[stat].accepted != ""
	}
	return strings.Join(parts, "; "), anything
}

// Report writes the summary. Where nobody looks on, as with cron, which mails what is
// printed, it writes nothing of a run that had nothing to do.
func (r *Run) Report(out *os.File) {
	line, anything := r.Summary()
	if line == "" {
		return
	}
	if info, err := out.Stat(); anything || err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintln(out, line)
	}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
