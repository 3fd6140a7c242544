// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
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
	w.found = append(w.found, false)
	w.key.Instance = w.whose(in)
	w.watchStarts(in.Resource().Attributes())
	w.applyResourceAttributes(in.Resource().Attributes(), rm.Resource().Attributes())

	metrics := pmetric.NewMetricSlice()
	w.regroup(in.ScopeMetrics(), metrics)
	at := 0
	metrics.RemoveIf(func(m pmetric.Metric) bool {
		chain := w.outgoing[at].chain
		at++
		if w.applyMetric(m, chain) {
			return false
		}
		noteFailed(rm.Resource().Attributes(), m.Name())
		return true
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

// whose is for whom draws are made. For what an anonymizer built before, as its scope says, each further one draws for
// itself: a draw that is added twice tells of the number whether it is odd, whatever the noise.
func (w *batch) whose(in pmetric.ResourceMetrics) string {
	identity := identityOf(in.Resource().Attributes())
	for _, sm := range in.ScopeMetrics().All() {
		if sm.Scope().Name() == scopeName {
			return string(mechanism.AppendPart(mechanism.AppendPart(nil, "again by "+w.id.String()), identity))
		}
	}
	return identity
}

// identityOf is whose numbers a resource has: the installation's id. Without one it is the service's
// name, so that two services do not share a draw, by which the difference of their numbers would leave exact.
func identityOf(attributes pcommon.Map) string {
	if id, met := attributes.Get(instanceID); met && id.AsString() != "" {
		return id.AsString()
	}
	identity := ""
	for _, part := range []string{"service.namespace", "service.name"} {
		if v, met := attributes.Get(part); met {
			identity += string(mechanism.AppendPart(mechanism.AppendPart(nil, part), v.AsString()))
		}
	}
	return identity
}

// number is that of a metric of one installation.
type number struct{ instance, metric string }

// watchDraw warns once of two numbers of one request that share their draws.
func (w *batch) watchDraw() {
	if !w.several || !w.chain.Sticky {
		return
	}
	drawn := number{w.key.Instance, w.key.Name}
	if w.drawn[drawn] {
		w.warnOnce("metrics::"+w.key.Name, "several resources of one request bring it with the same "+instanceID+" or none: what is drawn for one number is drawn for them all, so that how they differ leaves exact; give each installation its own id, or make one of them by the installation processor")
	}
	w.drawn[drawn] = true
}

// noteFailed says that a metric had points and none of them could leave: it is unknown, where one that nobody
// recorded has no points.
func noteFailed(attributes pcommon.Map, metric string) {
	names, noted := attributes.Get(trust.FailedReadings)
	if !noted {
		names = attributes.PutEmpty(trust.FailedReadings)
		names.SetEmptySlice()
	}
	names.Slice().AppendEmpty().SetStr(metric)
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
	w.showText(name, w.resource.named(name), read, step, v, outcome)
	return outcome
}

// cutFailedReadings leaves in the list only names that a rule lets through.
func (w *batch) cutFailedReadings(v pcommon.Value) rule.Outcome {
	if v.Type() != pcommon.ValueTypeSlice {
		return malformed
	}
	v.Slice().RemoveIf(func(name pcommon.Value) bool {
		if chain, named := w.metrics.find(name.Str()); named {
			return chain.Drops
		}
		step, named := w.resource.find(name.Str())
		return !named || step.Drops
	})
	if v.Slice().Len() == 0 {
		return byRule
	}
	return rule.Passes
}
