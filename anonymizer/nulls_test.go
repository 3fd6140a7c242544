// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

// The mark tells the exporter whether a number without value may be one that is too small to leave.
// The data does not: nobody beyond this process can know.
func TestTheMarkTellsSmallFromNotFound(t *testing.T) {
	t.Cleanup(trust.AskForMarks())
	cfg := configured(t, `{metrics: {small: {suppress_below: 6, round: {to: 5}}, kept: {keep: true}}, resource: {service.name: {keep: true}}}`)
	// marked anonymizes resources of the numbers small and kept; nil is one that was read and not found.
	marked := func(resources ...[2]any) (trust.Mark, pmetric.Metrics) {
		md := pmetric.NewMetrics()
		for _, numbers := range resources {
			rm := md.ResourceMetrics().AppendEmpty()
			rm.Resource().Attributes().PutStr("service.name", "app")
			for i, name := range []string{"small", "kept"} {
				p := addGauge(rm, name, numbers[i]).At(0)
				if numbers[i] == nil {
					p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
				}
			}
			addGauge(rm, "unnamed", 7)
		}
		p, s := started(t, cfg, disk{})
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		mark, _ := trust.MarkOf(s.ctx)
		return mark, s.last
	}
	for name, c := range map[string]struct {
		numbers     [2]any
		small, kept bool
	}{
		"small":                 {[2]any{3, nil}, true, false},
		"none":                  {[2]any{0, nil}, true, false},
		"not found, but others": {[2]any{nil, 3}, true, false},
		"nothing at all":        {[2]any{nil, nil}, false, false},
	} {
		mark, _ := marked(c.numbers)
		assert.Equal(t, c.small, mark.Hides(0)("small"), name)
		assert.Equal(t, c.kept, mark.Hides(0)("kept"), name)
	}
	mark, all := marked([2]any{nil, nil}, [2]any{3, nil}, [2]any{nil, nil})
	for i, hides := range []bool{false, true, false} {
		assert.Equal(t, hides, mark.Hides(i)("small"), "resource %d", i)
		all.ResourceMetrics().At(0).CopyTo(all.ResourceMetrics().At(i))
	}
	assert.True(t, mark.Covers(all), "small and not found are the same data")
}

func TestPositionsAreThoseOfWhatLeaves(t *testing.T) {
	md := gaugeOf("unnamed", 1)
	absent := addGauge(md.ResourceMetrics().AppendEmpty(), "a", nil).At(0)
	absent.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	addGauge(md.ResourceMetrics().AppendEmpty(), "a", 1)
	p, s := started(t, configured(t, "{metrics: {a: {suppress_below: 6, round: {to: 5}}}}"), disk{})
	for range 2 { // the second with the room of the first
		again := pmetric.NewMetrics()
		md.CopyTo(again)
		require.NoError(t, p.ConsumeMetrics(t.Context(), again))
		require.Equal(t, 2, s.last.ResourceMetrics().Len(), "the first resource has nothing that is named")
		mark, _ := trust.MarkOf(s.ctx)
		assert.False(t, mark.Hides(0)("a"))
		assert.True(t, mark.Hides(1)("a"))
		assert.False(t, mark.Hides(1)("other"), "no rule suppresses it")
	}
}
