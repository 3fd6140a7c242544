// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/headcount-otel/headcount/trust"
)

// console writes what the ledger is shown, for a reader who does not know OpenTelemetry.
type console struct {
	mu  sync.Mutex
	out io.Writer
}

// Anonymized writes a table: each field as it was read, the rule, and what leaves.
func (c *console) Anonymized(fields []trust.Field) {
	c.write(func(w io.Writer) {
		fmt.Fprintln(w, "What was read here, and what of it leaves:")
		fmt.Fprintln(w)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "  FIELD\tREAD\tRULE\tLEAVES")
		for _, f := range fields {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", printable(f.Name), printable(f.Read), f.Rule, leaves(f))
		}
		table.Flush()
	})
}

func leaves(f trust.Field) string {
	switch {
	case !f.Passes:
		return "(nothing)"
	case f.Exact:
		return printable(f.Leaves) + "  (exact)"
	default:
		return printable(f.Leaves)
	}
}

// Delivered writes one body and how it was answered.
func (c *console) Delivered(d trust.Delivery) {
	c.write(func(w io.Writer) {
		switch {
		case d.DryRun:
			fmt.Fprintf(w, "Would have been sent to %s:\n", d.Host)
		case d.Status == 0:
			fmt.Fprintf(w, "Sent to %s, no answer; it will be tried again:\n", d.Host)
		default:
			fmt.Fprintf(w, "Sent to %s, answered %d:\n", d.Host, d.Status)
		}
		fmt.Fprintf(w, "\n  %s\n", d.Body)
	})
}

// Received writes one body that arrived at a collect receiver.
func (c *console) Received(body []byte) {
	c.write(func(w io.Writer) {
		fmt.Fprintf(w, "Arrived at the collect receiver:\n\n  %s\n", body)
	})
}

func (c *console) write(block func(io.Writer)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	block(c.out)
	fmt.Fprintln(c.out)
}

// printable keeps control characters of foreign text away from the terminal, and long text off the next lines.
func printable(text string) string {
	const limit = 48
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return '·'
		}
		return r
	}, text))
	if len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes)
}
