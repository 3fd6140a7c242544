// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

// The rules of generated metrics, for each type of metric.
const generatedRules = `
metrics:
  gauge:     {round: {to: 100}, merge: sum, unit: "{run}"}
  sum:       {round: {to: 100}}
  delta:     {suppress_below: 50, round: {to: 100}}
  double:    {round: {to: 100}, merge: sum}
  bucket:    {bucket: {bounds: [0, 50, 1000], hysteresis: 0}, merge: sum}
  label:     {bucket: {bounds: [0, 50, 1000], hysteresis: 0, emit: label}, merge: sum}
  clamp:     {clamp: {max: 20}, keep: true, merge: sum}
  histogram: {round: {to: 100}}
  exponential: {round: {to: 100}}
  summary:   {round: {to: 100}}
attributes:
  plan: {keep: true, open: true}
  region: {allow: [eu, us], other: other}
resource:
  service.name: {keep: true}
  service.version: {version: minor}
  app.installed_at: {date: {to: quarter}}
  app.owner: {redact: true}
  app.plan: {allow: [free], other: paid}
  "app.label.*": {redact: true}
  app.label.hidden: {drop: true}
`

// generator makes metrics from two sources: what may be seen, and what must not be.
// Two generators that agree in the first make metrics that must leave alike.
type generator struct {
	seen, hidden *rand.Rand
	// canaries are the texts that must not leave.
	canaries int
}

// canary is a text that no other has.
func (g *generator) canary() string {
	g.canaries++
	text := strconv.AppendInt([]byte("canary"), int64(g.canaries), 10)
	return string(strconv.AppendUint(append(text, '-'), g.hidden.Uint64(), 16))
}

func (g *generator) metrics() pmetric.Metrics {
	md := pmetric.NewMetrics()
	for range 1 + g.seen.IntN(2) {
		for range g.hidden.IntN(2) {
			g.unnamedResource(md.ResourceMetrics().AppendEmpty())
		}
		g.resource(md.ResourceMetrics().AppendEmpty())
	}
	return md
}

func (g *generator) unnamedResource(rm pmetric.ResourceMetrics) {
	rm.Resource().Attributes().PutStr("service.name", g.canary())
	g.unnamedMetric(rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty())
}

func (g *generator) resource(rm pmetric.ResourceMetrics) {
	rm.SetSchemaUrl(g.canary())
	rm.Resource().SetDroppedAttributesCount(g.hidden.Uint32())
	attributes := rm.Resource().Attributes()
	for _, put := range []func(){
		func() { attributes.PutStr("service.name", []string{"shop", "blog"}[g.seen.IntN(2)]) },
		func() {
			attributes.PutStr("service.version", fmt.Sprintf("%d.2.%d-%s", g.seen.IntN(9), g.hidden.IntN(99), g.canary()))
		},
		func() {
			day := time.Date(2020+g.seen.IntN(9), time.April, 1, g.hidden.IntN(24), 0, 0, g.hidden.IntN(1e9), time.UTC)
			attributes.PutStr("app.installed_at", day.AddDate(0, g.hidden.IntN(3), g.hidden.IntN(30)).Format(time.RFC3339Nano))
		},
		func() { attributes.PutStr("app.owner", g.canary()) },
		func() { attributes.PutStr("app.plan", g.canary()) },
		func() { attributes.PutStr("app.label.colour", g.canary()) },
		func() {
			list := attributes.PutEmptySlice(trust.FailedReadings)
			for range g.hidden.IntN(3) {
				list.AppendEmpty().SetStr(g.canary())
			}
			list.AppendEmpty().SetStr("app.failed")
			list.AppendEmpty().SetStr("service.instance")
			list.AppendEmpty().SetStr("app.plan")
		},
	} {
		g.unnamedAttributes(attributes)
		if g.seen.IntN(4) > 0 {
			put()
		}
	}

	sm := g.scope(rm)
	for _, name := range []string{"gauge", "sum", "delta", "double", "bucket", "label", "clamp", "histogram", "exponential", "summary"} {
		if g.seen.IntN(2) == 0 {
			continue
		}
		for range g.hidden.IntN(2) {
			sm = g.scope(rm)
		}
		for range g.hidden.IntN(2) {
			g.unnamedMetric(sm.Metrics().AppendEmpty())
		}
		g.metric(rm, sm, name)
	}
}

func (g *generator) scope(rm pmetric.ResourceMetrics) pmetric.ScopeMetrics {
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.SetSchemaUrl(g.canary())
	sm.Scope().SetName(g.canary())
	sm.Scope().SetVersion(g.canary())
	sm.Scope().SetDroppedAttributesCount(g.hidden.Uint32())
	g.unnamedAttributes(sm.Scope().Attributes())
	return sm
}

// unnamedAttributes adds attributes of all types that no rule names.
func (g *generator) unnamedAttributes(to pcommon.Map) {
	for range g.hidden.IntN(3) {
		v := to.PutEmpty(g.canary())
		switch g.hidden.IntN(7) {
		case 0:
			v.SetStr(g.canary())
		case 1:
			v.SetInt(g.hidden.Int64())
		case 2:
			v.SetDouble(g.hidden.NormFloat64())
		case 3:
			v.SetBool(true)
		case 4:
			v.SetEmptyBytes().FromRaw([]byte(g.canary()))
		case 5:
			v.SetEmptyMap().PutStr(g.canary(), g.canary())
		case 6:
			v.SetEmptySlice().AppendEmpty().SetStr(g.canary())
		}
	}
}

func (g *generator) unnamedMetric(m pmetric.Metric) {
	m.SetName(g.canary())
	g.describe(m)
	switch g.hidden.IntN(4) {
	case 0:
		g.stamp(m.SetEmptyGauge().DataPoints().AppendEmpty(), 0)
	case 1:
		m.SetEmptyHistogram().DataPoints().AppendEmpty().SetSum(g.hidden.Float64())
	case 2:
		m.SetEmptySummary().DataPoints().AppendEmpty().SetSum(g.hidden.Float64())
	}
}

func (g *generator) describe(m pmetric.Metric) {
	m.SetDescription(g.canary())
	m.SetUnit(g.canary())
	g.unnamedAttributes(m.Metadata())
}

// header is what all points have, apart from numbers.
type header interface {
	Attributes() pcommon.Map
	SetTimestamp(pcommon.Timestamp)
	SetStartTimestamp(pcommon.Timestamp)
	SetFlags(pmetric.DataPointFlags)
}

// stamp gives a point a hidden time within a seen day.
func (g *generator) stamp(p header, day int) {
	midnight := time.Date(2026, 11, 1+day, 0, 0, 0, 0, time.UTC)
	p.SetTimestamp(pcommon.NewTimestampFromTime(midnight.Add(time.Duration(g.hidden.Int64N(int64(24 * time.Hour))))))
	p.SetStartTimestamp(pcommon.Timestamp(g.hidden.Int64()))
	p.SetFlags(pmetric.DataPointFlags(g.hidden.Uint32() << 1))
}

func (g *generator) exemplars(to pmetric.ExemplarSlice) {
	for range g.hidden.IntN(2) {
		e := to.AppendEmpty()
		e.SetDoubleValue(g.hidden.Float64())
		e.SetTimestamp(pcommon.Timestamp(g.hidden.Int64()))
		e.SetTraceID([16]byte{byte(g.hidden.Uint32()), 1})
		e.FilteredAttributes().PutStr(g.canary(), g.canary())
	}
}

// groups calls add for each of a hidden number of series of each seen group, the
// first of each group before all others, with the series' share of hidden parts.
func (g *generator) groups(add func(p func(header), share func(total int64) int64)) {
	type group struct {
		plan, region string
		day          int
		remaining    map[int]int64
		series       int
	}
	var all []*group
	for _, plan := range []string{"free", "pro"}[:1+g.seen.IntN(2)] {
		region := []string{"eu", ""}[g.seen.IntN(2)]
		all = append(all, &group{plan, region, g.seen.IntN(3), map[int]int64{}, 1 + g.hidden.IntN(3)})
	}
	emit := func(gr *group, last bool) {
		part := 0
		add(func(p header) {
			g.unnamedAttributes(p.Attributes())
			p.Attributes().PutStr("plan", gr.plan)
			p.Attributes().PutStr("user", g.canary())
			region := gr.region
			if region == "" {
				region = g.canary()
			}
			p.Attributes().PutStr("region", region)
			g.unnamedAttributes(p.Attributes())
			g.stamp(p, gr.day)
		}, func(total int64) int64 {
			part++
			left, met := gr.remaining[part]
			if !met {
				left = total
			}
			taken := left
			if !last {
				taken = g.hidden.Int64N(left + 1)
			}
			gr.remaining[part] = left - taken
			return taken
		})
	}
	for _, gr := range all {
		emit(gr, gr.series == 1)
	}
	for _, gr := range all {
		for i := 1; i < gr.series; i++ {
			emit(gr, i == gr.series-1)
		}
	}
}

// total is a hidden number of a seen cell of the grid of hundreds; below 50 in the first.
func (g *generator) total(cell int) int64 {
	return max(0, int64(cell*100-49)) + g.hidden.Int64N(50)
}

func (g *generator) metric(rm pmetric.ResourceMetrics, sm pmetric.ScopeMetrics, name string) {
	next := func() pmetric.Metric { // of the same name, maybe in another scope
		if g.hidden.IntN(4) == 0 {
			sm = g.scope(rm)
		}
		m := sm.Metrics().AppendEmpty()
		m.SetName(name)
		g.describe(m)
		return m
	}
	cells := map[int]int{}
	cell := func(part int) int {
		if _, met := cells[part]; !met {
			cells[part] = g.seen.IntN(4)
		}
		return cells[part]
	}
	// All cells are seen before anything hidden happens to depend on them.
	for part := range 8 {
		cell(part)
	}
	type counted struct {
		plan string
		part int
	}
	totals := map[counted]int64{}
	groupTotal := func(p header, part int) int64 {
		plan, _ := p.Attributes().Get("plan")
		key := counted{plan.Str(), part}
		if _, met := totals[key]; !met {
			totals[key] = g.total(cell(part))
		}
		return totals[key]
	}
	g.groups(func(head func(header), share func(int64) int64) {
		m := next()
		switch name {
		case "histogram":
			h := m.SetEmptyHistogram()
			h.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			p := h.DataPoints().AppendEmpty()
			head(p)
			p.SetCount(g.hidden.Uint64())
			p.SetSum(g.hidden.Float64())
			p.SetMin(g.hidden.Float64())
			p.SetMax(g.hidden.Float64())
			p.ExplicitBounds().FromRaw([]float64{1, 10})
			for part := range 3 {
				p.BucketCounts().Append(uint64(share(groupTotal(p, part))))
			}
			g.exemplars(p.Exemplars())
		case "exponential":
			h := m.SetEmptyExponentialHistogram()
			h.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			p := h.DataPoints().AppendEmpty()
			head(p)
			p.SetScale(2)
			p.SetCount(g.hidden.Uint64())
			p.SetSum(g.hidden.Float64())
			p.SetZeroCount(uint64(share(groupTotal(p, 0))))
			// Small counts at both ends hide behind the grid, with where the range ends.
			small := g.hidden.IntN(3)
			p.Positive().SetOffset(int32(7 - small))
			for range small {
				p.Positive().BucketCounts().Append(g.hidden.Uint64N(10))
			}
			for part := range 2 {
				p.Positive().BucketCounts().Append(uint64(share(groupTotal(p, 1+part))))
			}
			for range g.hidden.IntN(3) {
				p.Positive().BucketCounts().Append(g.hidden.Uint64N(10))
			}
			p.Negative().SetOffset(int32(g.hidden.IntN(100)))
			for range g.hidden.IntN(3) {
				p.Negative().BucketCounts().Append(g.hidden.Uint64N(10))
			}
			g.exemplars(p.Exemplars())
		case "summary":
			p := m.SetEmptySummary().DataPoints().AppendEmpty()
			head(p)
			p.SetCount(uint64(share(groupTotal(p, 0))))
			p.SetSum(g.hidden.Float64())
			q := p.QuantileValues().AppendEmpty()
			q.SetQuantile(g.hidden.Float64())
			q.SetValue(g.hidden.Float64())
		default:
			var all pmetric.NumberDataPointSlice
			switch name {
			case "sum", "delta":
				sum := m.SetEmptySum()
				sum.SetIsMonotonic(true)
				sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
				if name == "delta" {
					sum.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
				}
				all = sum.DataPoints()
			default:
				all = m.SetEmptyGauge().DataPoints()
			}
			p := all.AppendEmpty()
			head(p)
			total := groupTotal(p, 0)
			switch {
			case name == "double" && total > 0:
				p.SetDoubleValue(float64(share(total)))
			case name == "double":
				p.SetDoubleValue(float64(share(0)))
			case name == "clamp":
				p.SetIntValue(share(total + 20)) // all beyond the clamp
			default:
				p.SetIntValue(share(total))
			}
			g.exemplars(p.Exemplars())
		}
	})
}
