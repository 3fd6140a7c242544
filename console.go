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

// console writes what happens, for a reader who does not know OpenTelemetry.
type console struct {
	trust.NopObserver

	mu  sync.Mutex
	out io.Writer
}

// started writes which mode holds, who said so, and where the page is.
func (c *console) started(mode trust.Mode, who string, page *server) {
	c.write(func(w io.Writer) {
		fmt.Fprintf(w, "%s.\nSaid by %s.\n", meanings[mode], who)
		if page != nil {
			fmt.Fprintf(w, "The page: %s\n", page.address())
		}
	})
}

// Anonymized writes a table: each field as it was read, the rule, and what leaves.
func (c *console) Anonymized(fields []trust.Field) {
	c.write(func(w io.Writer) {
		fmt.Fprintln(w, "What was read here, and what of it leaves:")
		fmt.Fprintln(w)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "  FIELD\tREAD\tRULE\tLEAVES")
		for _, f := range fields {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", printable(f.Name), cell(f.Read), f.Rule, leaves(f))
		}
		table.Flush()
	})
}

func leaves(f trust.Field) string {
	switch {
	case !f.Passes:
		return "(nothing)"
	case f.Exact:
		return cell(f.Leaves) + "  (exact)"
	default:
		return cell(f.Leaves)
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
		fmt.Fprintf(w, "\n  %s\n", printable(string(d.Body)))
	})
}

var unsent = map[trust.Reason]string{
	trust.Withheld:   "was not sent: consent does not reach that far",
	trust.NotDue:     "is not due yet",
	trust.Absent:     "has nothing to report",
	trust.Incomplete: "is incomplete and was not sent",
	trust.Dropped:    "was refused for good",
	trust.Unmarked:   "did not pass the anonymizer and was not sent",
}

// Unsent writes which stat was not sent, and why.
func (c *console) Unsent(u trust.Unsent) {
	c.write(func(w io.Writer) {
		fmt.Fprintf(w, "%s %s", printable(u.Stat), unsent[u.Reason])
		if len(u.Missing) > 0 {
			fmt.Fprintf(w, ": %s", printable(strings.Join(u.Missing, ", ")))
		}
		fmt.Fprintln(w, ".")
	})
}

// Received writes one body that arrived at a collect receiver.
func (c *console) Received(body []byte) {
	c.write(func(w io.Writer) {
		fmt.Fprintf(w, "Arrived at the collect receiver:\n\n  %s\n", printable(string(body)))
	})
}

func (c *console) write(block func(io.Writer)) {
	c.mu.Lock()
	defer c.mu.Unlock()
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
func cell(text string) string { return shortened(printable(text), 48) }
