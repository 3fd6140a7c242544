// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package console shows on a terminal what happens.
package console // import "github.com/headcount-otel/headcount/internal/console"

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/trust"
)

// Console writes what happens, for a reader who does not know OpenTelemetry.
type Console struct {
	trust.NopObserver

	mu           sync.Mutex
	out          io.Writer
	introduction func(io.Writer) // nil once it is written
	destinations []trust.Destination
}

// New writes to out.
func New(out io.Writer) *Console { return &Console{out: out} }

// Started keeps which mode holds, who said so, and where the page is, until it
// is known who gets the reports; page is empty without one.
func (c *Console) Started(mode trust.Mode, who, page string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.introduction = func(w io.Writer) {
		if mode == trust.On {
			dryRuns(w, c.destinations)
		}
		fmt.Fprintf(w, "%s.\nSaid by %s.\n", mode.Meaning(), who)
		if mode == trust.On {
			relays(w, c.destinations)
		}
		if page != "" {
			fmt.Fprintf(w, "The page: %s\n", page)
		}
	}
}

// Promises implements trust.Observer: exporters start before anything is read.
func (c *Console) Promises(d trust.Destination) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.destinations = append(c.destinations, d)
}

// Introduce writes what Started was told, all destinations being known.
func (c *Console) Introduce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.introduce()
}

func (c *Console) introduce() {
	if c.introduction == nil {
		return
	}
	c.introduction(c.out)
	c.introduction = nil
	fmt.Fprintln(c.out)
}

func dryRuns(w io.Writer, destinations []trust.Destination) {
	for _, d := range destinations {
		if d.DryRun {
			fmt.Fprintf(w, "Nothing is sent to %s: this run shows what would be.\n", d.Host)
		}
	}
}

func relays(w io.Writer, destinations []trust.Destination) {
	for _, d := range destinations {
		if words := d.ThroughRelay(); words != "" {
			fmt.Fprintln(w, words)
		}
	}
}

// Anonymized writes a table: each field as it was read, the rule, and what leaves. Below it stands
// what is promised of what leaves.
func (c *Console) Anonymized(fields []trust.Field) {
	c.write(func(w io.Writer) {
		fmt.Fprintln(w, "What was read here, and what of it leaves:")
		fmt.Fprintln(w)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "  FIELD\tREAD\tRULE\tLEAVES")
		for _, f := range fields {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", printable(f.Name), cell(f.Read), f.Rule, leaves(f))
		}
		table.Flush()
		promises(w, fields)
	})
}

// promises writes each claim once, with the fields of which it speaks.
func promises(w io.Writer, fields []trust.Field) {
	var claims []string
	of := map[string][]string{}
	for _, f := range fields {
		if !f.Passes || f.Claim == "" {
			continue
		}
		if of[f.Claim] == nil {
			claims = append(claims, f.Claim)
		}
		of[f.Claim] = append(of[f.Claim], printable(f.Name))
	}
	if len(claims) > 0 {
		fmt.Fprintln(w, "\nWhat that guarantees, and what it does not hide:")
	}
	for _, claim := range claims {
		fmt.Fprintf(w, "\n  %s\n    %s\n", strings.Join(of[claim], ", "), claim)
	}
}

// nothing stands where nothing was read, and where nothing leaves.
const nothing = "(nothing)"

func leaves(f trust.Field) string {
	switch {
	case !f.Passes, f.Leaves == "":
		return nothing
	case f.Exact:
		return cell(f.Leaves) + "  (exact)"
	default:
		return cell(f.Leaves)
	}
}

// Delivered writes one body and how it was answered.
func (c *Console) Delivered(d trust.Delivery) {
	c.write(func(w io.Writer) {
		switch {
		case d.DryRun:
			fmt.Fprintf(w, "Would have been sent to %s:\n", d.Host)
		case d.Status == 0:
			fmt.Fprintf(w, "Sent to %s, no answer; it will be tried again:\n", d.Host)
		default:
			fmt.Fprintf(w, "Sent to %s, answered %d:\n", d.Host, d.Status)
		}
		fmt.Fprintf(w, "\n  %s\n", printable(string(d.Body)))
	})
}

var unsent = map[trust.Reason]string{
	trust.Withheld:   "was not sent: consent does not reach that far",
	trust.NotDue:     "is not due yet",
	trust.Waiting:    "already waits to be delivered",
	trust.Delayed:    "waits for its next try",
	trust.Absent:     "has nothing to report",
	trust.Incomplete: "is incomplete and was not sent",
	trust.Dropped:    "was refused for good",
	trust.OtherRules: "waited, and was dropped because the rules are others now",
	trust.Unmarked:   "did not pass the anonymizer and was not sent",
}

// Unsent writes which stat was not sent, and why.
func (c *Console) Unsent(u trust.Unsent) {
	c.write(func(w io.Writer) {
		fmt.Fprintf(w, "%s %s", printable(u.Stat), unsent[u.Reason])
		if len(u.Missing) > 0 {
			fmt.Fprintf(w, ": %s", printable(strings.Join(u.Missing, ", ")))
		}
		fmt.Fprintln(w, ".")
	})
}

// Received writes one body that arrived at a collect receiver.
func (c *Console) Received(body []byte) {
	c.write(func(w io.Writer) {
		fmt.Fprintf(w, "Arrived at the collect receiver:\n\n  %s\n", printable(string(body)))
	})
}

func (c *Console) write(block func(io.Writer)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.introduce()
	block(c.out)
	fmt.Fprintln(c.out)
}

// printable keeps control characters of foreign text away from the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return '·'
		}
		return r
	}, text)
}

// cell is text that fits into a table's column.
func cell(text string) string {
	if text == "" {
		return nothing
	}
	return activity.Shortened(printable(text), 48)
}
