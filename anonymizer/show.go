// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/trust"
)

const (
	maxFields    = 300 // of one resource
	maxFieldText = 200 // bytes of one value

	withoutRule = "no rule: does not pass"
)

// show hands the fields of one resource to the ledger.
func (w *batch) show() {
	if w.ledger != nil && len(w.fields) > 0 {
		w.ledger.Anonymized(w.fields)
		clear(w.fields)
		w.fields = w.fields[:0]
	}
}

func (w *batch) shows() bool { return w.ledger != nil && len(w.fields) < maxFields }

// read is a value's text before its rule, where somebody will look at it.
func (w *batch) read(v pcommon.Value) string {
	if !w.shows() {
		return ""
	}
	return short(v.AsString())
}

func (w *batch) showText(name, named, read string, step *rule.TextStep, v pcommon.Value, outcome rule.Outcome) {
	if !w.shows() {
		return
	}
	f := trust.Field{Name: name, Named: named, Read: read, Rule: withoutRule}
	if step != nil {
		f.Rule, f.Claim = step.Description, step.Guarantee
		f.MayPass, f.MayBeExact = !step.Drops, step.Exact || step.Whole
		f.Exact = outcome == rule.Passes && (step.Exact || step.Whole && read == short(v.AsString()))
	}
	if outcome == rule.Passes {
		f.Leaves, f.Passes = short(v.AsString()), true
	}
	w.fields = append(w.fields, f)
}

// showAttribute tells of a data point attribute that does not pass. That it came is the data's.
func (w *batch) showAttribute(name string, read pcommon.Value, step *rule.TextStep, outcome rule.Outcome) {
	if w.shows() {
		w.showText(w.key.Name+"{"+name+"}", "", w.read(read), step, read, outcome)
	}
}

func (w *batch) showPoint(attributes pcommon.Map, grouped bool, read, leaves string, outcome rule.Outcome) {
	if !w.shows() {
		return
	}
	w.fields = append(w.fields, trust.Field{
		Name:   w.key.Name + braced(attributes),
		Read:   short(read),
		Rule:   w.chain.Describe(),
		Claim:  w.guarantee(grouped, attributes.Len() > 0).String(),
		Leaves: short(leaves),
		Passes: outcome == rule.Passes,
		Exact:  w.chain.Exact && leaves != "" && leaves == read,

		Named: w.metrics.named(w.key.Name), MayPass: true, MayBeExact: w.chain.Exact,
	})
}

// guarantee is that of the point at work: of a group, which came with attributes, and of which some may leave.
func (w *batch) guarantee(grouped, named bool) rule.Guarantee {
	switch {
	case w.ranges:
		return w.chain.Guarantee(rule.ByData)
	case !grouped:
		return w.chain.Guarantee(rule.Always)
	case w.renames && named:
		return w.chain.Guarantee(rule.WithRows).Renamed()
	default:
		return w.chain.Guarantee(rule.WithRows)
	}
}

// showDropped tells of a metric of which nothing passes.
func (w *batch) showDropped(m pmetric.Metric) {
	if !w.shows() {
		return
	}
	f := trust.Field{Name: m.Name(), Named: w.metrics.named(m.Name()), Read: droppedText(m), Rule: withoutRule}
	if chain, named := w.metrics.find(m.Name()); named {
		f.Rule, f.MayPass, f.MayBeExact = chain.Describe(), !chain.Drops, chain.Exact
	}
	w.fields = append(w.fields, f)
}

func droppedText(m pmetric.Metric) string {
	switch n := pointCount(m); {
	case n == 1 && m.Type() == pmetric.MetricTypeGauge:
		return numberText(m.Gauge().DataPoints().At(0))
	case n == 1 && m.Type() == pmetric.MetricTypeSum:
		return numberText(m.Sum().DataPoints().At(0))
	default:
		return fmt.Sprintf("%d points", n)
	}
}

func braced(attributes pcommon.Map) string {
	if attributes.Len() == 0 {
		return ""
	}
	parts := make([]string, 0, attributes.Len())
	for name, v := range attributes.All() {
		parts = append(parts, name+"="+v.AsString())
	}
	return "{" + short(strings.Join(parts, ", ")) + "}"
}

// short cuts a text between characters.
func short(text string) string {
	if len(text) <= maxFieldText {
		return text
	}
	return strings.ToValidUTF8(text[:maxFieldText], "") + "…"
}
