// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
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
	w := r.of(d.Stat)
	switch {
	case d.Verdict == trust.Accepted:
		w.accepted = d.Host
	case d.Verdict == trust.Again && d.Status == 0:
		w.failed = "no answer from " + d.Host + "; it waits, and is tried again by the next run"
	case d.Verdict == trust.Again:
		w.failed = fmt.Sprintf("%s answered %d; it waits, and is tried again by the next run", d.Host, d.Status)
	}
}

// Summary is one line on a run that delivers: what was accepted and when what is next
// due. Anything is false where there was nothing to do, of which nobody has to hear.
func (r *Run) Summary() (line string, anything bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until != Delivered || r.needless {
		return "", false
	}
	var parts []string
	for _, stat := range slices.Sorted(maps.Keys(r.words)) {
		switch w := r.words[stat]; {
		case w.accepted != "" && !w.due.IsZero():
			parts = append(parts, fmt.Sprintf("%s accepted by %s, next due %s", stat, w.accepted, moment(w.due)))
			anything = true
		case w.accepted != "":
			parts = append(parts, fmt.Sprintf("%s accepted by %s", stat, w.accepted))
			anything = true
		case !w.due.IsZero():
			parts = append(parts, fmt.Sprintf("%s not due before %s", stat, moment(w.due)))
		}
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
