// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"github.com/stretchr/testify/require"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/bench/race"
)

const perResource = 100 // points: ten metrics of ten points

// batch has 2 attributes a point, of which one, user, does not leave; no two points collide without it.
func batch(points int) pmetric.Metrics {
	md := pmetric.NewMetrics()
	for r := range points / perResource {
		rm := md.ResourceMetrics().AppendEmpty()
		rm.Resource().Attributes().PutStr("service.name", "app")
		rm.Resource().Attributes().PutStr("service.instance.id", fmt.Sprint("installation ", r))
		sm := rm.ScopeMetrics().AppendEmpty()
		for m := range 10 {
			metric := sm.Metrics().AppendEmpty()
			metric.SetName(fmt.Sprint("shop.orders.", m))
			metric.SetUnit("{order}")
			metric.SetDescription("Orders.")
			sum := metric.SetEmptySum()
			sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
			for p := range 10 {
				point := sum.DataPoints().AppendEmpty()
				point.Attributes().PutStr("plan", plans[p])
				point.Attributes().PutStr("user", fmt.Sprint("user ", r*p))
				point.SetIntValue(int64(r*m*p + 49))
				point.SetStartTimestamp(1_795_392_000e9)
				point.SetTimestamp(1_795_392_345e9)
			}
		}
	}
	return md
}

var plans = []string{"free", "pro", "team", "school", "charity", "trial", "gold", "silver", "bronze", "legacy"}

func build(t testing.TB, factory processor.Factory, config string, next consumer.Metrics) processor.Metrics {
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(config))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	cfg := factory.CreateDefaultConfig()
	require.NoError(t, conf.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	p, err := factory.CreateMetrics(context.Background(), processortest.NewNopSettings(factory.Type()), cfg, next)
	require.NoError(t, err)
	return p
}

func started(b *testing.B, factory processor.Factory, config string) processor.Metrics {
	p := build(b, factory, config, consumertest.NewNop())
	require.NoError(b, p.Start(context.Background(), newStorage()))
	b.Cleanup(func() { require.NoError(b, p.Shutdown(context.Background())) })
	return p
}

// run treats a batch just made, as a receiver hands it over. Garbage is collected only while
// the clock stands: most of it is that of copying, which is nobody's work.
func run(b *testing.B, points int, next consumer.Metrics) {
	md := batch(points)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	between := max(1, 100_000/points) // batches from one collection to the next
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if i%between == 0 {
			runtime.GC()
		}
		i++
		in := pmetric.NewMetrics()
		md.CopyTo(in)
		b.StartTimer()
		if err := next.ConsumeMetrics(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(points), "ns/point")
}

const roundRules = `{metrics: {"shop.orders.*": {round: {to: 100}}}, attributes: {plan: {keep: true, open: true}}, resource: {service.name: {keep: true}}}`

// All that the anonymizer does to this batch, as TestAllDoTheSame shows.
const transformRules = `
metric_statements:
  - context: resource
    statements:
      - keep_keys(resource.attributes, ["service.name"])
  - context: scope
    statements:
      - set(scope.name, "anonymizer")
      - set(scope.version, "latest")
  - context: metric
    statements:
      - set(metric.unit, "")
      - set(metric.description, "")
  - context: datapoint
    statements:
      - keep_keys(datapoint.attributes, ["plan"])
      - set(datapoint.start_time_unix_nano, 0)
      - set(datapoint.time_unix_nano, datapoint.time_unix_nano / 86400000000000 * 86400000000000)
      - set(datapoint.flags, 0)
      - set(datapoint.value_int, (datapoint.value_int + 49 + datapoint.value_int / 100 - datapoint.value_int / 200 * 2) / 100 * 100)
`

func TestAllDoTheSame(t *testing.T) {
	marshal := func(build func(next consumer.Metrics) processor.Metrics) string {
		sink := new(consumertest.MetricsSink)
		p := build(sink)
		require.NoError(t, p.Start(context.Background(), newStorage()))
		require.NoError(t, p.ConsumeMetrics(context.Background(), batch(1000)))
		require.NoError(t, p.Shutdown(context.Background()))
		return bytesOf(t, sink.AllMetrics()[0])
	}
	ours := marshal(func(next consumer.Metrics) processor.Metrics {
		return build(t, anonymizer.NewFactory(), roundRules, next)
	})
	theirs := marshal(func(next consumer.Metrics) processor.Metrics {
		return build(t, transformprocessor.NewFactory(), transformRules, next)
	})
	require.Equal(t, ours, theirs)

	require.Equal(t, ours, bytesOf(t, byHand(batch(1000))))
	for _, loop := range []func(context.Context, pmetric.Metrics) error{inPlace, inPlaceMerging} {
		hand := batch(1000)
		require.NoError(t, loop(context.Background(), hand))
		require.Equal(t, ours, bytesOf(t, hand))
	}
}

// The two loops that look for collisions find them.
func TestByHandAddsUp(t *testing.T) {
	doubled := batch(perResource)
	for _, m := range doubled.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		for i := range m.Sum().DataPoints().Len() {
			other := m.Sum().DataPoints().AppendEmpty()
			m.Sum().DataPoints().At(i).CopyTo(other)
			other.Attributes().PutStr("user", "another")
		}
	}
	sink := new(consumertest.MetricsSink)
	p := build(t, anonymizer.NewFactory(), roundRules, sink)
	require.NoError(t, p.Start(context.Background(), newStorage()))
	in := pmetric.NewMetrics()
	doubled.CopyTo(in)
	require.NoError(t, p.ConsumeMetrics(context.Background(), in))
	require.NoError(t, p.Shutdown(context.Background()))
	ours := bytesOf(t, sink.AllMetrics()[0])

	doubled.CopyTo(in)
	require.Equal(t, ours, bytesOf(t, byHand(in)))
	require.NoError(t, inPlaceMerging(context.Background(), doubled))
	require.Equal(t, ours, bytesOf(t, doubled))
}

// bytesOf leaves out who did it.
func bytesOf(t *testing.T, md pmetric.Metrics) string {
	for _, rm := range md.ResourceMetrics().All() {
		rm.ScopeMetrics().At(0).Scope().SetName("")
	}
	bytes, err := new(pmetric.ProtoMarshaler).MarshalMetrics(md)
	require.NoError(t, err)
	return string(bytes)
}

func BenchmarkAgainstPeers(b *testing.B) {
	compare(b,
		contender("anonymizer", started(b, anonymizer.NewFactory(), roundRules).ConsumeMetrics),
		contender("transform", started(b, transformprocessor.NewFactory(), transformRules).ConsumeMetrics),
		contender("by-hand", func(_ context.Context, md pmetric.Metrics) error { byHand(md); return nil }),
		contender("in-place-adding", inPlaceMerging),
		contender("in-place", inPlace),
	)
}

const raced = 10_000 // points

// contender treats a batch just made, as a receiver hands it over.
func contender(name string, treat consumer.ConsumeMetricsFunc) race.Contender {
	md, in := batch(raced), pmetric.NewMetrics()
	laps := 0
	return race.Contender{
		Name: name,
		Prepare: func() {
			if laps++; laps%lapsBetweenCollections == 0 {
				runtime.GC()
			}
			in = pmetric.NewMetrics()
			md.CopyTo(in)
		},
		Lap: func() {
			if err := treat(context.Background(), in); err != nil {
				panic(err)
			}
		},
	}
}

const lapsBetweenCollections = 10

// compare collects garbage only while the clock stands: most of it is that of copying, which is nobody's work.
func compare(b *testing.B, us race.Contender, peers ...race.Contender) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	race.Run(b, raced, "point", us, peers...)
}

// inPlaceMerging does the same, and looks for collisions: of points of one plan the first
// takes the sum. It is for sums by one text attribute whose points have one time.
func inPlaceMerging(_ context.Context, md pmetric.Metrics) error {
	first := map[string]int{}
	for _, rm := range md.ResourceMetrics().All() {
		rm.Resource().Attributes().RemoveIf(func(name string, _ pcommon.Value) bool { return name != "service.name" })
		for _, sm := range rm.ScopeMetrics().All() {
			sm.Scope().SetName("by hand")
			sm.Scope().SetVersion("latest")
			for _, m := range sm.Metrics().All() {
				m.SetUnit("")
				m.SetDescription("")
				clear(first)
				points, merged := m.Sum().DataPoints(), false
				for i, p := range points.All() {
					p.Attributes().RemoveIf(func(name string, _ pcommon.Value) bool { return name != "plan" })
					p.SetStartTimestamp(0)
					p.SetTimestamp(p.Timestamp() - p.Timestamp()%day)
					p.SetFlags(0)
					p.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
					plan, _ := p.Attributes().Get("plan")
					if at, met := first[plan.Str()]; met {
						points.At(at).SetIntValue(points.At(at).IntValue() + p.IntValue())
						p.SetFlags(gone)
						merged = true
					} else {
						first[plan.Str()] = i
					}
				}
				if merged {
					points.RemoveIf(func(p pmetric.NumberDataPoint) bool { return p.Flags() == gone })
				}
				for _, p := range points.All() {
					p.SetIntValue(mechanism.RoundHalfEven(p.IntValue(), 100))
				}
			}
		}
	}
	return nil
}

const gone = pmetric.DataPointFlags(1 << 31)

// inPlace does to this very batch what the anonymizer does to it, and does not look for collisions.
func inPlace(_ context.Context, md pmetric.Metrics) error {
	for _, rm := range md.ResourceMetrics().All() {
		rm.Resource().Attributes().RemoveIf(func(name string, _ pcommon.Value) bool { return name != "service.name" })
		for _, sm := range rm.ScopeMetrics().All() {
			sm.Scope().SetName("by hand")
			sm.Scope().SetVersion("latest")
			for _, m := range sm.Metrics().All() {
				m.SetUnit("")
				m.SetDescription("")
				for _, p := range m.Sum().DataPoints().All() {
					p.Attributes().RemoveIf(func(name string, _ pcommon.Value) bool { return name != "plan" })
					p.SetStartTimestamp(0)
					p.SetTimestamp(p.Timestamp() - p.Timestamp()%day)
					p.SetFlags(0)
					p.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
					p.SetIntValue(mechanism.RoundHalfEven(p.IntValue(), 100))
				}
			}
		}
	}
	return nil
}

const day = pcommon.Timestamp(24 * time.Hour)

// byHand does the same to any batch of sums by plan: what it does not name stays
// behind, and points of one plan are added before they are rounded.
func byHand(md pmetric.Metrics) pmetric.Metrics {
	out := pmetric.NewMetrics()
	for _, rm := range md.ResourceMetrics().All() {
		to := out.ResourceMetrics().AppendEmpty()
		if name, ok := rm.Resource().Attributes().Get("service.name"); ok {
			to.Resource().Attributes().PutStr("service.name", name.Str())
		}
		scope := to.ScopeMetrics().AppendEmpty()
		scope.Scope().SetName("by hand")
		scope.Scope().SetVersion("latest")
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if !strings.HasPrefix(m.Name(), "shop.orders.") || m.Type() != pmetric.MetricTypeSum {
					continue
				}
				metric := scope.Metrics().AppendEmpty()
				metric.SetName(m.Name())
				sum := metric.SetEmptySum()
				sum.SetAggregationTemporality(m.Sum().AggregationTemporality())
				sum.SetIsMonotonic(m.Sum().IsMonotonic())
				byPlan := map[string]pmetric.NumberDataPoint{}
				for _, p := range m.Sum().DataPoints().All() {
					plan, _ := p.Attributes().Get("plan")
					point, met := byPlan[plan.Str()]
					if !met {
						point = sum.DataPoints().AppendEmpty()
						point.Attributes().PutStr("plan", plan.Str())
						point.SetTimestamp(p.Timestamp() - p.Timestamp()%day)
						byPlan[plan.Str()] = point
					}
					point.SetIntValue(point.IntValue() + p.IntValue())
				}
				for _, p := range sum.DataPoints().All() {
					p.SetIntValue(mechanism.RoundHalfEven(p.IntValue(), 100))
				}
			}
		}
	}
	return out
}

func BenchmarkSize(b *testing.B) {
	for _, points := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(points), func(b *testing.B) { run(b, points, started(b, anonymizer.NewFactory(), roundRules)) })
	}
}

// BenchmarkLaplace draws once, as noise does: the secret's stream for the place, then the sampler.
func BenchmarkLaplace(b *testing.B) {
	scale, err := mechanism.RatioOf(20)
	require.NoError(b, err)
	secret := mechanism.Secret{1}
	for b.Loop() {
		mechanism.Laplace(secret.Draw("noise", "installation", "metric", "plan", "", "20/1"), scale)
	}
}

func BenchmarkRule(b *testing.B) {
	for _, rule := range []string{
		"round: {to: 100}", "round: {to: 100, mode: up}", "round: {to: 100, mode: sticky}",
		"clamp: {min: 0, max: 1000}, round: {to: 100}", "suppress_below: 6, round: {to: 100}",
		"bucket: {hysteresis: 0}", "bucket: {}", "bucket: {hysteresis: 0, emit: label}",
		"noise: {scale: 20}", "noise: {scale: 20, fresh: true}",
		"one_bit: {max: 10000}", "randomized_response: {}",
	} {
		b.Run(rule, func(b *testing.B) {
			run(b, 10_000, started(b, anonymizer.NewFactory(), `{storage: s, metrics: {"shop.orders.*": {`+rule+`}}, attributes: {plan: {keep: true, open: true}}}`))
		})
	}
	for _, c := range []struct{ name, rules string }{
		{"attributes: allow", `attributes: {plan: {allow: [free, pro], other: other}}`},
		{"attributes: redact", `attributes: {plan: {redact: true}}`},
		{"attributes: version", `attributes: {plan: {version: minor}}`},
		{"attributes: date", `attributes: {plan: {date: {to: quarter}}}`},
		{"attributes: pseudonym", `attributes: {plan: {pseudonym: {every: never}}}`},
		{"resource: pseudonym", `attributes: {plan: {keep: true, open: true}}, resource: {service.instance.id: {pseudonym: {every: quarter}}}`},
		{"merge", `attributes: {}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			run(b, 10_000, started(b, anonymizer.NewFactory(), `{storage: s, metrics: {"shop.orders.*": {round: {to: 100}}}, `+c.rules+`}`))
		})
	}
}
