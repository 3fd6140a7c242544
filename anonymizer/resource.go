// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

// scopeName is the instrumentation scope of all that leaves: the data is the anonymizer's own.
const scopeName = "github.com/headcount-otel/headcount/anonymizer"

// instanceID is the semantic convention's name for an installation's id.
const instanceID = "service.instance.id"

// treatResource appends what may leave of one resource: nothing when no metric passes.
func (w *work) treatResource(in pmetric.ResourceMetrics, out pmetric.ResourceMetricsSlice) {
	rm := out.AppendEmpty()
	w.place.instance = ""
	if id, ok := in.Resource().Attributes().Get(instanceID); ok {
		w.place.instance = id.AsString()
	}
	w.treatResourceAttributes(in.Resource().Attributes(), rm.Resource().Attributes())

	metrics := pmetric.NewMetricSlice()
	w.gather(in.ScopeMetrics(), metrics)
	at := 0
	metrics.RemoveIf(func(m pmetric.Metric) bool {
		rule := w.gathered[at].rule
		at++
		return !w.treatMetric(m, rule)
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

// treatResourceAttributes moves what is named to out.
func (w *work) treatResourceAttributes(in, out pcommon.Map) {
	clear(w.names)
	in.RemoveIf(func(name string, v pcommon.Value) bool {
		_, repeated := w.names[name]
		w.names[name] = 0
		fate := malformed
		switch {
		case repeated:
		case name == trust.FailedReadings:
			fate = w.cutFailedReadings(v)
		default:
			fate = w.treatResourceAttribute(name, v)
		}
		if fate != passes {
			w.drop(aResourceAttribute, fate)
		}
		return fate != passes
	})
	in.MoveTo(out)
}

func (w *work) treatResourceAttribute(name string, v pcommon.Value) reason {
	rule, named := w.resource.find(name)
	read := w.read(v)
	fate := unnamed
	switch {
	case named && rule.drops:
		fate = byRule
	case named:
		fate = w.treatText(rule, name, v)
	}
	w.showText(name, read, rule, v, fate)
	return fate
}

// cutFailedReadings leaves in the list only names that a rule lets through.
func (w *work) cutFailedReadings(v pcommon.Value) reason {
	if v.Type() != pcommon.ValueTypeSlice {
		return malformed
	}
	v.Slice().RemoveIf(func(name pcommon.Value) bool {
		rule, named := w.resource.find(name.Str())
		return !named || rule.drops
	})
	if v.Slice().Len() == 0 {
		return byRule
	}
	return passes
}
