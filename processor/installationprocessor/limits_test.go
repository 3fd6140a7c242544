// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"

	"github.com/headcount-otel/headcount/processor/installationprocessor/internal/metadata"
)

func TestBounds(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	r := newRig(t, storagetest.NewStorageHost(), func(c *Config) { c.MaxInstallations, c.MaxSeries, c.Gather = 1, 2, time.Hour })
	r.notices.Logger = zap.New(core)
	r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"a": 1, "b": 1, "c": 1}))
	other := report("a", cumulative, 1, 10, map[string]int64{"a": 1})
	other.ResourceMetrics().At(0).Resource().Attributes().PutStr("service.name", "other")
	r.consume(t, other)
	assert.Len(t, r.installations, 1)
	assert.Equal(t, 1, logs.FilterMessageSnippet("max_installations").Len())
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Len(t, values, 2)
}

// No SDK exports a counter that a process has not incremented yet: what others counted stays, however long ago.
func TestCountersOfRareEventsStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"errors": 5, "orders": 1}))
		for day := range int64(30) {
			time.Sleep(24 * time.Hour)
			r.consume(t, report("b", cumulative, 20, 30+day, map[string]int64{"orders": 7 + day}))
		}
		require.NoError(t, r.Shutdown(context.Background()))
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"errors": 5, "orders": 37}, values)
	})
}

// While the Collector does not run nobody can report: who counts on is not taken for ended, and counted again.
func TestWorkersThatOutliveAStandstill(t *testing.T) {
	folder := t.TempDir()
	host := storagetest.NewStorageHost().WithFileBackedStorageExtension("state", folder)
	id := storagetest.NewFileBackedStorageExtension("state", folder).ID
	stored := func(c *Config) { c.Storage, c.Gather = &id, 0 }
	r := newRig(t, host, stored)
	r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}), report("b", cumulative, 2, 10, map[string]int64{"orders": 7}))
	require.NoError(t, r.Shutdown(t.Context()))

	for range 2 {
		cfg := createDefaultConfig().(*Config)
		stored(cfg)
		p, err := newProcessor(processortest.NewNopSettings(metadata.Type), cfg, r.sink)
		require.NoError(t, err)
		was := r.now()
		p.now = func() time.Time { return was.Add(30 * 24 * time.Hour) }
		require.NoError(t, p.Start(t.Context(), host))
		r = rig{p, r.sink}
		r.consume(t, report("a", cumulative, 1, 20, map[string]int64{"orders": 6}))
		require.NoError(t, r.Shutdown(t.Context()))
	}
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 13}, values)

	r = newRig(t, host, stored)
	r.consume(t, report("b", cumulative, 2, 30, map[string]int64{"orders": 8}))
	require.NoError(t, r.Shutdown(t.Context()))
	_, values = r.last(t)
	assert.Equal(t, map[string]int64{"orders": 14}, values)
}

// What goes up and down says how it is now: what was said before a standstill is not.
func TestWhatGoesUpAndDownEndsWithAStandstill(t *testing.T) {
	i, now := newInstallation("key", "id"), time.Now()
	baskets := report("a", cumulative, 1, 10, map[string]int64{"baskets": 5})
	baskets.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().SetIsMonotonic(false)
	i.observe(baskets.ResourceMetrics().At(0), now.Add(-24*time.Hour), 10)
	i.passOver(now)
	for _, s := range i.series {
		s.expire(now, time.Hour)
		assert.True(t, s.empty())
	}
}

// What was left out for want of room is unknown, and so is the metric: without its name default: 0 would stand for it.
func TestAMetricOfTooManySeriesIsUnknown(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	r := newRig(t, storagetest.NewStorageHost(), func(c *Config) { c.Storage, c.MaxSeries = nil, 3 })
	r.notices.Logger = zap.New(core)
	for _, plan := range []string{"free", "pro", "acme"} {
		request := report("a", cumulative, 1, 10, map[string]int64{"plans": 1})
		request.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0).Attributes().PutStr("plan", plan)
		if plan == "acme" {
			r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}))
		}
		r.consume(t, request)
	}
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 5}, values)
	assert.Equal(t, []any{"plans"}, r.unknown())
	assert.Equal(t, 1, logs.FilterMessageSnippet("max_series").Len())
}

// What was left out stays unknown through a restart of the Collector, which has no room for it either.
func TestWhatFoundNoRoomStaysUnknownThroughARestart(t *testing.T) {
	folder := t.TempDir()
	host := storagetest.NewStorageHost().WithFileBackedStorageExtension("state", folder)
	id := storagetest.NewFileBackedStorageExtension("state", folder).ID
	full := func(c *Config) { c.Storage, c.Gather, c.MaxSeries = &id, 0, 1 }
	r := newRig(t, host, full)
	r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}), report("a", cumulative, 1, 10, map[string]int64{"errors": 1}))
	require.NoError(t, r.Shutdown(t.Context()))
	require.Equal(t, []any{"errors"}, r.unknown())

	r = newRig(t, host, full)
	r.consume(t, report("a", cumulative, 1, 20, map[string]int64{"orders": 6}))
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, []any{"errors"}, r.unknown())

	r = newRig(t, host, full)
	r.consume(t, report("a", cumulative, 1, 30, map[string]int64{"mails": 1}))
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, []any{"errors", "mails"}, r.unknown())
}

// Past its limit an SDK counts into one point without the attributes: as one more series it is in the total, where it
// holds all of them.
func TestPastTheCardinalityLimit(t *testing.T) {
	for _, c := range []struct {
		language string
		gauge    bool
		points   int
		unknown  []any
	}{
		{"", false, 2, nil},
		{"python", false, 2, nil},
		{"nodejs", false, 0, []any{"plans"}},
		{"rust", false, 0, []any{"plans"}},
		{"python", true, 0, []any{"plans"}},
	} {
		core, logs := observer.New(zap.WarnLevel)
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		r.notices.Logger = zap.New(core)
		request := report("a", cumulative, 1, 10, map[string]int64{"plans": 5})
		rm := request.ResourceMetrics().At(0)
		if c.language != "" {
			rm.Resource().Attributes().PutStr("telemetry.sdk.language", c.language)
		}
		m := rm.ScopeMetrics().At(0).Metrics().At(0)
		points := m.Sum().DataPoints()
		points.At(0).CopyTo(points.AppendEmpty())
		points.At(0).Attributes().PutStr("plan", "free")
		points.At(1).Attributes().PutBool("otel.metric.overflow", true)
		if c.gauge {
			measured := pmetric.NewNumberDataPointSlice()
			points.CopyTo(measured)
			measured.MoveAndAppendTo(m.SetEmptyGauge().DataPoints())
		}
		r.consume(t, request)
		require.NoError(t, r.Shutdown(t.Context()))
		all := r.sink.AllMetrics()
		assert.Equal(t, c.points, all[len(all)-1].DataPointCount(), c)
		assert.Equal(t, c.unknown, r.unknown(), c)
		assert.Equal(t, len(c.unknown), logs.FilterMessageSnippet("SDK's limit").Len(), c)
	}
}
