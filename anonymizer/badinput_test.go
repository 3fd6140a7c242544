// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

const everyRule = `
storage: s
metrics:
  a:    {round: {to: 100}}
  b:    {clamp: {min: 0, max: 1000}, noise: {scale: 20}, suppress_below: 6, round: {to: 5}, merge: sum}
  c:    {bucket: {}, merge: max}
  d:    {round: {to: 10, mode: sticky}, merge: last}
  e:    {one_bit: {max: 1000}}
  f:    {randomized_response: {}}
  g:    {bucket: {hysteresis: 0, emit: label}}
  "h*": {noise: {scale: 3, fresh: true}}
attributes:
  plan: {keep: true, open: true}
  "p*": {redact: true}
  v: {version: major}
  w: {pseudonym: {every: never}}
resource:
  service.instance.id: {pseudonym: {every: week}}
  d: {date: {to: week}}
  "r*": {allow: [x], other: y}
  q: {randomized_response: {values: [x, y]}}
`

func FuzzAnonymizer(f *testing.F) {
	for _, md := range []pmetric.Metrics{
		stickyBatch("id"),
		gaugeOf("a", 1, math.NaN(), 3),
		sumOf(pmetric.AggregationTemporalityDelta, reading{"free", "ann", 0, 4}, reading{"free", "bob", 0, nil}),
	} {
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			for _, rm := range md.ResourceMetrics().All() {
				rm.ScopeMetrics().At(0).Metrics().At(0).SetName(name)
			}
			f.Add(bytesOf(f, md))
		}
	}
	cfg := configured(f, everyRule)
	f.Fuzz(func(t *testing.T, otlp []byte) {
		md, err := new(pmetric.ProtoUnmarshaler).UnmarshalMetrics(otlp)
		if err != nil {
			return
		}
		// What is drawn has to be the same each time, or the fuzzer takes chance for coverage.
		p, s := started(t, cfg, disk{}, func(a *anonymizer) {
			a.memory.secret = mechanism.Secret{1}
			a.memory.random = rand.NewChaCha8([32]byte{})
		})
		points := md.DataPointCount()
		if err := p.ConsumeMetrics(context.Background(), md); err != nil {
			t.Fatal(err)
		}
		if s.last.DataPointCount() > points {
			t.Fatalf("%d points became %d", points, s.last.DataPointCount())
		}
		for _, rm := range s.last.ResourceMetrics().All() {
			if rm.SchemaUrl() != "" || rm.ScopeMetrics().Len() != 1 || rm.ScopeMetrics().At(0).Scope().Name() != scopeName {
				t.Fatal("a scope of another")
			}
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				if m.Description() != "" || m.Unit() != "" || !strings.ContainsAny(m.Name()[:1], "abcdefgh") {
					t.Fatalf("metric %q", m.Name())
				}
			}
		}
		bytesOf(t, s.last)
	})
}

func TestExtremesAreTreatedUnderEveryRule(t *testing.T) {
	p, _ := started(t, configured(t, everyRule), disk{})
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		for _, n := range []any{math.MinInt64, math.MaxInt64, -1, 0, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(1), nil} {
			require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf(name, n)), "%s of %v", name, n)
		}
	}
}

func TestHugeInputIsBoundedWork(t *testing.T) {
	p, s := started(t, configured(t, everyRule), disk{})
	md := gaugeOf("a", 149)
	rm := md.ResourceMetrics().At(0)
	huge := strings.Repeat("x", 10<<20)
	rm.Resource().Attributes().PutStr("service.instance.id", huge)
	many := make(map[string]any, 1_000_000)
	for i := range 1_000_000 {
		many[fmt.Sprint("p", i)] = i
	}
	point := rm.ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
	require.NoError(t, point.Attributes().FromRaw(many))
	require.NoError(t, p.ConsumeMetrics(t.Context(), md))
	assert.Nil(t, s.ctx, "a point of more attributes than OpenTelemetry allows is dropped")

	md = gaugeOf("a", 149)
	rm = md.ResourceMetrics().At(0)
	require.NoError(t, rm.Resource().Attributes().FromRaw(many))
	rm.Resource().Attributes().PutStr("service.instance.id", huge)
	point = rm.ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
	point.Attributes().PutStr(huge, huge)
	point.Attributes().PutStr("p1", huge)
	require.NoError(t, p.ConsumeMetrics(t.Context(), md))
	assert.Less(t, len(bytesOf(t, s.last)), 1000)
}

func TestDisagreeingHistogramsAreDropped(t *testing.T) {
	for name, build := range map[string]func(p pmetric.HistogramDataPoint){
		"too few counts": func(p pmetric.HistogramDataPoint) { p.ExplicitBounds().FromRaw([]float64{1, 2}) },
		"bounds not ordered": func(p pmetric.HistogramDataPoint) {
			p.ExplicitBounds().FromRaw([]float64{2, 1})
			p.BucketCounts().FromRaw([]uint64{1, 2, 3})
		},
		"counts beyond int64": func(p pmetric.HistogramDataPoint) { p.BucketCounts().FromRaw([]uint64{1, math.MaxUint64, 1}) },
		"no number": func(p pmetric.HistogramDataPoint) {
			p.ExplicitBounds().FromRaw([]float64{1, math.NaN()})
			p.BucketCounts().FromRaw([]uint64{1, 2, 3})
		},
	} {
		md := pmetric.NewMetrics()
		m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		m.SetName("a")
		p := m.SetEmptyHistogram().DataPoints().AppendEmpty()
		p.ExplicitBounds().FromRaw([]float64{1, 2})
		p.BucketCounts().FromRaw([]uint64{1, 2})
		build(p)
		assert.Zero(t, anonymized(t, configured(t, "{metrics: {a: {round: {to: 10}}}}"), md).ResourceMetrics().Len(), name)
	}
}

func TestEachBadInputIsDroppedAndCounted(t *testing.T) {
	a, _, _ := made(t, configured(t, "{metrics: {a: {suppress_below: 6, round: {to: 10}}}, attributes: {\"p*\": {redact: true}}}"))
	histogram := func(counts ...uint64) pmetric.Metrics {
		md := gaugeOf("a")
		p := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).SetEmptyHistogram().DataPoints().AppendEmpty()
		p.ExplicitBounds().FromRaw([]float64{1, 2})
		p.BucketCounts().FromRaw(counts)
		return md
	}
	crowded := gaugeOf("a", 70)
	for i := range maxAttributes + 1 {
		point := crowded.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
		point.Attributes().PutInt(fmt.Sprint("p", i), 1)
	}
	mixed := gaugeOf("a", 70)
	sum := mixed.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
	sum.SetName("a")
	sum.SetEmptySum().DataPoints().AppendEmpty().SetIntValue(70)
	untyped := pmetric.NewMetrics()
	untyped.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty().SetName("a")

	for _, c := range []struct {
		name    string
		in      pmetric.Metrics
		dropped []string
	}{
		{"not a number", gaugeOf("a", math.NaN()), []string{"point not_finite"}},
		{"infinite", gaugeOf("a", math.Inf(-1)), []string{"point not_finite"}},
		{"no number", gaugeOf("a", nil), []string{"point malformed"}},
		{"a negative count", gaugeOf("a", -70), []string{"value suppressed"}},
		{"the least of int64", gaugeOf("a", math.MinInt64), []string{"value suppressed"}},
		{"the greatest of int64", gaugeOf("a", math.MaxInt64), nil},
		{"a count too few", histogram(70, 70), []string{"point malformed"}},
		{"a count beyond int64", histogram(70, math.MaxUint64, 70), []string{"point out_of_range"}},
		{"too many attributes", crowded, []string{"point malformed"}},
		{"two types of one name", mixed, []string{"metric mixed_types", "point mixed_types"}},
		{"no type", untyped, []string{"metric malformed"}},
		{"no points", gaugeOf("a"), nil},
		{"nothing", pmetric.NewMetrics(), nil},
	} {
		assert.ElementsMatch(t, c.dropped, processed(t, a, c.in)[1:], c.name)
	}
}
