// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/trust"
)

// scopeName is the instrumentation scope of all that leaves: the data is the anonymizer's own.
const scopeName = "github.com/headcount-otel/headcount/anonymizer"

// instanceID is the semantic convention's name for an installation's id.
const instanceID = "service.instance.id"

// applyResource appends what may leave of one resource: nothing when no metric passes.
func (w *batch) applyResource(in pmetric.ResourceMetrics, out pmetric.ResourceMetricsSlice) {
	rm := out.AppendEmpty()
	w.key.Instance = ""
	if id, ok := in.Resource().Attributes().Get(instanceID); ok {
		w.key.Instance = id.AsString()
	}
	w.applyResourceAttributes(in.Resource().Attributes(), rm.Resource().Attributes())

	metrics := pmetric.NewMetricSlice()
	w.regroup(in.ScopeMetrics(), metrics)
	at := 0
	metrics.RemoveIf(func(m pmetric.Metric) bool {
		chain := w.outgoing[at].chain
		at++
		return !w.applyMetric(m, chain)
	})
	sortByName(metrics)
	if metrics.Len() > 0 {
		sm := rm.ScopeMetrics().AppendEmpty()
		sm.Scope().SetName(scopeName)
		sm.Scope().SetVersion(w.version)
		metrics.MoveAndAppendTo(sm.Metrics())
	}
	w.show()
}

// sortByName hides which metric came in which scope.
func sortByName(metrics pmetric.MetricSlice) {
	for i := 1; i < metrics.Len(); i++ {
		if metrics.At(i).Name() < metrics.At(i-1).Name() {
			metrics.Sort(func(a, b pmetric.Metric) bool { return a.Name() < b.Name() })
			return
		}
	}
}

// applyResourceAttributes moves what is named to out.
func (w *batch) applyResourceAttributes(in, out pcommon.Map) {
	clear(w.names)
	in.RemoveIf(func(name string, v pcommon.Value) bool {
		_, repeated := w.names[name]
		w.names[name] = 0
		outcome := malformed
		switch {
		case repeated:
		case name == trust.FailedReadings:
			outcome = w.cutFailedReadings(v)
		default:
			outcome = w.applyResourceAttribute(name, v)
		}
		if outcome != rule.Passes {
			w.drop(aResourceAttribute, outcome)
		}
		return outcome != rule.Passes
	})
	in.MoveTo(out)
}

func (w *batch) applyResourceAttribute(name string, v pcommon.Value) rule.Outcome {
	step, named := w.resource.find(name)
	read := w.read(v)
	outcome := unnamed
	switch {
	case named && step.Drops:
		outcome = byRule
	case named:
		outcome = w.applyText(step, name, v)
		w.watchText("resource", name, v, step, outcome)
	}
	w.showText(name, read, step, v, outcome)
	return outcome
}

// cutFailedReadings leaves in the list only names that a rule lets through.
func (w *batch) cutFailedReadings(v pcommon.Value) rule.Outcome {
	if v.Type() != pcommon.ValueTypeSlice {
		return malformed
	}
	v.Slice().RemoveIf(func(name pcommon.Value) bool {
		step, named := w.resource.find(name.Str())
		return !named || step.Drops
	})
	if v.Slice().Len() == 0 {
		return byRule
	}
	return rule.Passes
}
