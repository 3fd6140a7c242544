// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package fleet measures what the makers' side costs by the size of its fleet.
package fleet

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
)

// figures of an installation: as many numbers as texts.
const figures = 20

// batch is how many report at once, in one commit.
const batch = 10_000

// BenchmarkFleet starts a fleet of n installations with twenty figures each from its state,
// has it told and stops it. It reports beside the sum
//   - start-s/fleet and start-cpu-s/fleet: until Start returns,
//   - told-s/fleet and told-cpu-s/fleet: until the next component has all figures,
//   - B/installation: what lies in memory after the start.
func BenchmarkFleet(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			h := host{component.MustNewID("file_storage"): storage(b)}
			fill(b, h, n)
			var started, told span
			var bytes uint64
			for b.Loop() {
				b.StopTimer()
				before := heap()
				b.StartTimer()
				var ended span
				begun := clocks()
				fleet := start(b, h, func() { ended = clocks() })
				started.add(begun, clocks())
				b.StopTimer()
				bytes = heap() - before
				b.StartTimer()
				begun = clocks()
				require.NoError(b, fleet.Shutdown(context.Background())) // tells a last time, then writes
				told.add(begun, ended)
			}
			started.report(b, "start")
			told.report(b, "told")
			b.ReportMetric(float64(bytes)/float64(n), "B/installation")
		})
	}
}

// span is time by the wall's clock and by the processors'.
type span struct{ wall, processor time.Duration }

// loaded is when this program began.
var loaded = time.Now()

func clocks() span {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return span{time.Since(loaded), time.Duration(used.Utime.Nano() + used.Stime.Nano())}
}

func (s *span) add(from, to span) {
	s.wall += to.wall - from.wall
	s.processor += to.processor - from.processor
}

func (s *span) report(b *testing.B, what string) {
	b.ReportMetric(s.wall.Seconds()/float64(b.N), what+"-s/fleet")
	b.ReportMetric(s.processor.Seconds()/float64(b.N), what+"-cpu-s/fleet")
}

// fill has n installations report, and leaves them in the state.
func fill(b *testing.B, h host, n int) {
	fleet := start(b, h, func() {})
	for first := 0; first < n; first += batch {
		require.NoError(b, fleet.ConsumeMetrics(context.Background(), reports(first)))
	}
	require.NoError(b, fleet.Shutdown(context.Background()))
}

func start(b *testing.B, h host, told func()) connector.Metrics {
	entries := func(prefix string) map[string]any {
		all := map[string]any{}
		for i := range figures / 2 {
			all[fmt.Sprintf("%s.%d", prefix, i)] = map[string]any{}
		}
		return all
	}
	factory := fleetconnector.NewFactory()
	cfg := factory.CreateDefaultConfig()
	require.NoError(b, confmap.NewFromStringMap(map[string]any{
		"interval": "24h", "refresh": "1ns", "window": "8760h", "max_installations": 10_000_000, "storage": "file_storage",
		"metrics": entries("app.metric"), "resource": entries("app.attribute"),
	}).Unmarshal(cfg, confmap.WithIgnoreUnused())) // refresh came later than the build beside which this is measured
	next, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error { told(); return nil })
	require.NoError(b, err)
	settings := connectortest.NewNopSettings(factory.Type())
	settings.ID = component.NewID(factory.Type()) // the same in storage after each start
	fleet, err := factory.CreateMetricsToMetrics(context.Background(), settings, cfg, next)
	require.NoError(b, err)
	require.NoError(b, fleet.Start(context.Background(), h))
	return fleet
}

// reports are a batch's, of installations from first on.
func reports(first int) pmetric.Metrics {
	all, now := pmetric.NewMetrics(), pcommon.NewTimestampFromTime(time.Now())
	for n := first; n < first+batch; n++ {
		report := all.ResourceMetrics().AppendEmpty()
		attributes := report.Resource().Attributes()
		attributes.PutStr("service.instance.id", fmt.Sprintf("%08x-1111-4222-8333-444444444444", n))
		metrics := report.ScopeMetrics().AppendEmpty().Metrics()
		for i := range figures / 2 {
			attributes.PutStr(fmt.Sprintf("app.attribute.%d", i), [...]string{"5.3", "5.2", "postgresql"}[(n+i)%3])
			metric := metrics.AppendEmpty()
			metric.SetName(fmt.Sprintf("app.metric.%d", i))
			point := metric.SetEmptyGauge().DataPoints().AppendEmpty()
			point.SetIntValue(int64(n % 1000 * 10))
			point.SetTimestamp(now)
		}
	}
	return all
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

type host map[component.ID]component.Component

func (h host) GetExtensions() map[component.ID]component.Component { return h }

func storage(b *testing.B) component.Component {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = b.TempDir()
	extension, err := factory.Create(context.Background(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(b, err)
	require.NoError(b, extension.Start(context.Background(), componenttest.NewNopHost()))
	b.Cleanup(func() { require.NoError(b, extension.Shutdown(context.Background())) })
	return extension
}
