// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/perf/benchunit"
)

const (
	begin = "<!-- made by make bench; what stands here is overwritten -->"
	end   = "<!-- until here -->"
)

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"ours": outcome.oursText, "peer": outcome.peerText, "measured": outcome.measuredText, "goal": outcome.goalText, "missed": outcome.missed,
}).Parse(`
{{.Machine}}

| what | ours | peer | peer's | measured | goal | reached |
|---|---|---|---|---|---|---|
{{range .Outcomes}}| {{.What}} | {{ours .}} | {{.Peer.Name}} | {{peer .}} | {{measured .}} | {{goal .}} | {{.Reached}} |
{{end}}
{{range .Outcomes}}{{if missed .}}- {{.What}}: {{.Why}}
{{end}}{{end}}`))

// write puts the table between the marks of a page.
func write(into []byte, machine string, outcomes []outcome) ([]byte, error) {
	before, rest, found := bytes.Cut(into, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("the page has no place for the table: write the lines %q and %q", begin, end)
	}
	var table bytes.Buffer
	if err := page.Execute(&table, struct {
		Machine  string
		Outcomes []outcome
	}{machine, outcomes}); err != nil {
		return nil, err
	}
	return slices.Concat(before, []byte(begin+"\n"), table.Bytes(), []byte("\n"+end), after), nil
}

// Reached is outcome.reached for the template.
func (o outcome) Reached() string { return o.reached() }

func (o outcome) missed() bool { return o.Why != "" && strings.HasPrefix(o.reached(), "**no**") }

func (o outcome) oursText() string {
	if o.Measure == value {
		return "" // it is what was measured
	}
	return display(o.ours, o.Ours.Unit)
}

func (o outcome) peerText() string {
	if o.Peer.Name == "" {
		return ""
	}
	return display(o.peer, o.Peer.Unit)
}

// measuredText is the median, with the range over the rounds.
func (o outcome) measuredText() string {
	if len(o.measured) == 0 {
		return ""
	}
	text := o.number(median(o.measured))
	if least, most := o.number(slices.Min(o.measured)), o.number(slices.Max(o.measured)); least != most {
		text += " (" + least + " to " + most + ")"
	}
	return text
}

func (o outcome) goalText() string {
	switch {
	case o.AtLeast != nil:
		return "at least " + o.goal(*o.AtLeast)
	case o.AtMost != nil:
		return "at most " + o.goal(*o.AtMost)
	}
	return ""
}

// goal is a number as suite.yaml has it.
func (o outcome) goal(n float64) string {
	switch o.Measure {
	case share:
		return fmt.Sprintf("%g %%", 100*n)
	case faster, takes:
		return fmt.Sprintf("%g×", n)
	case growth:
		return fmt.Sprintf("n^%g", n)
	}
	return o.number(n)
}

// number is one in the measure's own dress.
func (o outcome) number(n float64) string {
	switch o.Measure {
	case share:
		return fmt.Sprintf("%.1f %%", 100*n)
	case faster, takes:
		return fmt.Sprintf("%.3g×", n)
	case growth:
		return fmt.Sprintf("n^%.2f", n)
	}
	return display(n, o.Ours.Unit)
}

// display is a number with its unit, in three digits.
func display(n float64, unit string) string {
	if math.IsNaN(n) {
		return ""
	}
	if _, tidied := benchunit.Tidy(1, unit); strings.Contains(tidied, "sec") {
		return benchunit.Scale(n, benchunit.Decimal) + "s"
	}
	_, tidied := benchunit.Tidy(1, unit)
	of := strings.TrimSuffix(tidied, "/op")
	switch {
	case of == "B" || strings.HasSuffix(of, "-B") || strings.HasPrefix(of, "B/"):
		return benchunit.Scale(n, benchunit.Decimal) + "B"
	}
	return fmt.Sprintf("%.4g %s", n, of)
}
