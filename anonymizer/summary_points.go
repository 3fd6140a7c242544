// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// A summary's number is its count. Its quantiles are single observations and its
// sum is exact for each of them: neither leaves, under any rule.
var summaryPoints = operations[pmetric.SummaryDataPoint, pmetric.SummaryDataPointSlice]{
	strip: stripSummaries,
	fill:  refuseGroups[pmetric.SummaryDataPointSlice],
	absorb: func(into, from pmetric.SummaryDataPoint, _ rule.Merge, _ int) bool {
		into.SetCount(addUnsigned(into.Count(), from.Count()))
		return true
	},
	apply: func(w *batch, p pmetric.SummaryDataPoint) rule.Outcome {
		var c counts
		p.SetCount(c.apply(w, "", p.Count()))
		return c.outcome()
	},
	blank: pmetric.NewSummaryDataPoint,
	text:  func(p pmetric.SummaryDataPoint) string { return strconv.FormatUint(p.Count(), 10) },
}

func stripSummaries(w *batch, all pmetric.SummaryDataPointSlice) {
	for i := range w.states {
		p, m := all.At(i), &w.states[i]
		w.note(m, p.Attributes(), p.Timestamp(), p.Flags())
		p.SetStartTimestamp(0)
		p.SetTimestamp(m.leaves)
		p.SetFlags(p.Flags() & noValue)
		p.SetSum(0)
		p.QuantileValues().RemoveIf(func(pmetric.SummaryDataPointValueAtQuantile) bool { return true })
		if m.outcome == rule.Passes {
			m.outcome = countable(p.Count())
		}
	}
}
