// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/headcount-otel/headcount/exporter/collectexporter/internal/metadata"
	"github.com/headcount-otel/headcount/exporter/collectexporter/internal/metadatatest"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func TestInternalMetrics(t *testing.T) {
	observed := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, observed.Shutdown(context.Background())) })
	makers := newEndpoint(t, status(http.StatusOK))
	site := trusttest.NewExtension(trust.On)
	r := newRig(t, makers.URL, trusttest.Host{consentID: site}, func(cfg *Config) { cfg.Consent = &consentID })
	var err error
	r.telemetry, err = metadata.NewTelemetryBuilder(observed.NewTelemetrySettings())
	require.NoError(t, err)
	r.start(t)

	require.Error(t, r.ConsumeMetrics(context.Background(), scraped("i-0", 20)))
	require.NoError(t, r.send(t.Context(), scraped("i-1", 20)))
	r.scrape(t, "i-1", 20) // not due
	makers.answers(status(http.StatusForbidden))
	require.NoError(t, r.send(t.Context(), scraped("i-2", 20)))
	makers.answers(status(http.StatusBadGateway))
	require.Error(t, r.send(t.Context(), scraped("i-3", 20)))
	r.scrape(t, "", 20) // incomplete: nobody's
	site.SetMode(trust.Local)
	r.scrape(t, "i-4", 20)

	one := []metricdata.DataPoint[int64]{{Value: 1}}
	ignored := metricdatatest.IgnoreTimestamp()
	metadatatest.AssertEqualExporterCollectPointsUnmarked(t, observed, one, ignored)
	metadatatest.AssertEqualExporterCollectStatsSent(t, observed, []metricdata.DataPoint[int64]{{Value: 3}}, ignored)
	metadatatest.AssertEqualExporterCollectStatsAccepted(t, observed, one, ignored)
	metadatatest.AssertEqualExporterCollectStatsNotDue(t, observed, one, ignored)
	metadatatest.AssertEqualExporterCollectStatsIncomplete(t, observed, one, ignored)
	metadatatest.AssertEqualExporterCollectStatsWithheld(t, observed, one, ignored)
	metadatatest.AssertEqualExporterCollectStatsRefused(t, observed, []metricdata.DataPoint[int64]{
		{Value: 1, Attributes: attribute.NewSet(attribute.Int("http.response.status_code", http.StatusForbidden))},
	}, ignored)
	got, err := observed.GetMetric("otelcol_exporter_collect_round_trip_duration")
	require.NoError(t, err)
	points := got.Data.(metricdata.Histogram[float64]).DataPoints
	require.Len(t, points, 1)
	assert.EqualValues(t, 3, points[0].Count)
	assert.Greater(t, points[0].Sum, 0.0)
}

// watched is a host that writes down what a component reports of itself.
type watched struct {
	trusttest.Host
	mu     sync.Mutex
	events []componentstatus.Status
}

var (
	_ component.Host           = (*watched)(nil)
	_ componentstatus.Reporter = (*watched)(nil)
)

func (w *watched) Report(event *componentstatus.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, event.Status())
}

// The status is reported when it changes, and only then.
func TestComponentStatus(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	r := newRig(t, makers.URL, nil, nil)
	w := &watched{}
	require.NoError(t, r.Start(t.Context(), w))
	for i, code := range []int{200, 500, 500, 500, 403, 403, 200, 200} {
		makers.answers(status(code))
		_ = r.send(t.Context(), scraped(string(rune('a'+i)), 20))
	}
	require.NoError(t, r.Shutdown(t.Context()))
	const broken, ok = componentstatus.StatusRecoverableError, componentstatus.StatusOK
	assert.Equal(t, []componentstatus.Status{broken, broken, ok}, w.events, "500, then 403 as well, then neither")
}

// What is held is bounded, and the newest of its stat.
func TestDelayedIsBounded(t *testing.T) {
	released := make(chan report, 2*maxDelayed)
	h := newDelayed(func(r report) { released <- r })
	kept := 0
	for i := range 2 * maxDelayed {
		if h.keep(report{Report: delivery.Report{Stat: "S", Key: keyOf(string(rune(i)))}}, time.Hour) {
			kept++
		}
	}
	assert.Equal(t, maxDelayed, kept)
	assert.True(t, h.keep(report{Report: delivery.Report{Stat: "S", Key: keyOf(string(rune(0)))}}, time.Hour), "a newer one takes the place of its own")
	h.clear()
	assert.True(t, h.keep(report{Report: delivery.Report{Stat: "NOW", Key: keyOf("i-1")}}, 0))
	assert.Equal(t, "NOW", (<-released).Stat)
	h.stop()
	h.wait()
	assert.False(t, h.keep(report{Report: delivery.Report{Stat: "S", Key: keyOf("i-1")}}, time.Hour))
}
