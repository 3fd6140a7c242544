// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"math/rand/v2"
	"testing"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// The short ways are taken only where nobody looks on: with a ledger all goes the long way,
// and the same leaves and is counted.
func TestShortWaysLeadWhereTheLongOneDoes(t *testing.T) {
	short, _, _ := made(t, configured(t, generatedRules))
	long, _, _ := made(t, configured(t, generatedRules), func(a *anonymizer) { a.ledger = &ledger{} })
	seeds := rand.New(prove.Seeded(t, "short ways"))
	for i := range 5_000 {
		g := generator{seen: rand.New(rand.NewPCG(seeds.Uint64(), 1)), hidden: rand.New(rand.NewPCG(seeds.Uint64(), 2))}
		md := g.metrics()
		again := pmetric.NewMetrics()
		md.CopyTo(again)
		require.Equal(t, processed(t, long, again), processed(t, short, md), "case %d", i)
		long.ledger.(*ledger).fields = nil
	}
}

func TestLargeBatchesTakeTheShortWayToo(t *testing.T) {
	rules := "{metrics: {a: {round: {to: 10}}}, attributes: {n: {keep: true, open: true}}}"
	short, _, _ := made(t, configured(t, rules))
	long, _, _ := made(t, configured(t, rules), func(a *anonymizer) { a.ledger = &ledger{} })
	for _, odd := range []func(pmetric.NumberDataPoint){
		func(pmetric.NumberDataPoint) {},
		func(p pmetric.NumberDataPoint) { p.SetDoubleValue(14.9) },
		func(p pmetric.NumberDataPoint) { p.SetFlags(noValue) },
		func(p pmetric.NumberDataPoint) { p.Attributes().PutInt("n", 7) },
		func(p pmetric.NumberDataPoint) { p.SetTimestamp(pcommon.Timestamp(48 * 3600e9)) },
		func(p pmetric.NumberDataPoint) { pmetric.NewNumberDataPoint().MoveTo(p) },
		func(p pmetric.NumberDataPoint) { p.Attributes().PutEmptyMap("n") },
		func(p pmetric.NumberDataPoint) { p.Exemplars().AppendEmpty().SetIntValue(1) },
	} {
		numbers := make([]any, 300)
		for i := range numbers {
			numbers[i] = i
		}
		md := gaugeOf("a", numbers...)
		points := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints()
		for i, p := range points.All() {
			p.Attributes().PutInt("n", int64(i))
			p.Attributes().PutStr("user", "ann")
		}
		odd(points.At(150))
		again := pmetric.NewMetrics()
		md.CopyTo(again)
		require.Equal(t, processed(t, long, again), processed(t, short, md))
	}
}

// processed is what leaves, and what was counted.
func processed(t testing.TB, a *anonymizer, md pmetric.Metrics) (left []string) {
	w := newBatch(a)
	out := pmetric.NewMetrics()
	for _, rm := range md.ResourceMetrics().All() {
		w.applyResource(rm, out.ResourceMetrics())
	}
	left = append(left, string(bytesOf(t, out)))
	for kind := range w.dropped {
		for why, n := range w.dropped[kind] {
			for range n {
				left = append(left, kindNames[kind]+" "+outcomeNames[why])
			}
		}
	}
	return left
}
