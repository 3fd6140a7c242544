// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect/mapping"
)

// BenchmarkGrowth is what becomes of n installations' metrics on their way to n bodies.
func BenchmarkGrowth(b *testing.B) {
	definitions := mapping.Definitions{"STARTUP_STATS": {Interval: 168 * time.Hour, Value: map[string]mapping.Origin{}}}
	for i := range 6 {
		definitions["STARTUP_STATS"].Value[fmt.Sprint("metric_", i)] = mapping.Origin{Metric: fmt.Sprint("app.metric.", i)}
	}
	stats := mapping.New(definitions)
	for _, n := range []int{10, 100, 1_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			metrics := pmetric.NewMetrics()
			for i := range n {
				resource := metrics.ResourceMetrics().AppendEmpty()
				resource.Resource().Attributes().PutStr(mapping.InstanceID, fmt.Sprint("installation ", i))
				scope := resource.ScopeMetrics().AppendEmpty()
				for m := range 6 {
					metric := scope.Metrics().AppendEmpty()
					metric.SetName(fmt.Sprint("app.metric.", m))
					metric.SetEmptyGauge().DataPoints().AppendEmpty().SetIntValue(int64(i))
				}
			}
			for b.Loop() {
				for _, resource := range metrics.ResourceMetrics().All() {
					for stat, incomplete := range stats.Stats(resource, time.Now(), nil) {
						require.Nil(b, incomplete)
						if _, err := stat.AppendJSON(nil); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
		})
	}
}
