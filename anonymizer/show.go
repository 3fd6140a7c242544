// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

const (
	maxFields    = 300 // of one resource
	maxFieldText = 200 // bytes of one value
)

// show hands the fields of one resource to the ledger.
func (w *work) show() {
	if w.ledger != nil && len(w.fields) > 0 {
		w.ledger.Anonymized(w.fields)
		clear(w.fields)
		w.fields = w.fields[:0]
	}
}

func (w *work) shows() bool { return w.ledger != nil && len(w.fields) < maxFields }

// read is a value's text before its rule, where somebody will look at it.
func (w *work) read(v pcommon.Value) string {
	if !w.shows() {
		return ""
	}
	return short(v.AsString())
}

func (w *work) showText(name, read string, rule *text, v pcommon.Value, fate reason) {
	if !w.shows() {
		return
	}
	f := trust.Field{Name: name, Read: read, Rule: "no rule: does not pass"}
	if rule != nil {
		f.Rule, f.Claim, f.Exact = rule.words, rule.claim, rule.exact && fate == passes
	}
	if fate == passes {
		f.Leaves, f.Passes = short(v.AsString()), true
	}
	w.fields = append(w.fields, f)
}

// showAttribute tells of a data point attribute that does not pass.
func (w *work) showAttribute(name string, read pcommon.Value, rule *text, fate reason) {
	if w.shows() {
		w.showText(w.place.name+"{"+name+"}", w.read(read), rule, read, fate)
	}
}

func (w *work) showPoint(attributes pcommon.Map, read, leaves string, fate reason) {
	if !w.shows() {
		return
	}
	w.fields = append(w.fields, trust.Field{
		Name:   w.place.name + braced(attributes),
		Read:   short(read),
		Rule:   w.rule.words(),
		Claim:  w.rule.claim(),
		Leaves: short(leaves),
		Passes: fate == passes,
		Exact:  w.rule.exact && leaves != "" && leaves == read,
	})
}

// showDropped tells of a metric of which nothing passes.
func (w *work) showDropped(m pmetric.Metric) {
	if !w.shows() {
		return
	}
	f := trust.Field{Name: m.Name(), Read: droppedText(m), Rule: "no rule: does not pass"}
	if rule, named := w.metrics.find(m.Name()); named {
		f.Rule = rule.words()
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
