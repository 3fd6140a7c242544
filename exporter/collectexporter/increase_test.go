// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func increasing(cfg *Config) {
	persistent(cfg)
	cfg.RetryOnFailure.MaxInterval = time.Millisecond
	cfg.Stats = mapping.Definitions{"WEEKLY": {Interval: time.Minute, Value: map[string]mapping.Origin{
		"orders": {Metric: "app.orders", Increase: true},
	}}}
}

// orders hands the exporter a counter's total.
func (r *rig) orders(t *testing.T, total int64) {
	t.Helper()
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	resource.Resource().Attributes().PutStr(mapping.InstanceID, "i-1")
	m := resource.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("app.orders")
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	sum.DataPoints().AppendEmpty().SetIntValue(total)
	require.NoError(t, r.ConsumeMetrics(trust.Anonymized(t.Context(), metrics, rules, trust.Nulls{}), metrics))
}

// A maker asks how many orders there were in this week. Whatever is lost on the way, the weeks add up to the total.
func TestIncreaseOfAWeek(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}
	var later atomic.Int64 // how far the clock is ahead
	begin := func() *rig {
		r := newRig(t, makers.URL, h, increasing)
		r.now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
		require.NoError(t, r.Start(t.Context(), h))
		return r
	}
	values := func(n int) (said []string) {
		for _, p := range makers.awaits(t, n) {
			value, err := p.stat.Value.AppendJSON(nil)
			require.NoError(t, err)
			said = append(said, string(value))
		}
		return said
	}
	r := begin()
	r.orders(t, 50)
	assert.Equal(t, []string{`{"orders":null}`}, values(1), "nobody knows when the first 50 were counted")
	r.orders(t, 60) // it is not due
	require.NoError(t, r.Shutdown(t.Context()))

	later.Add(int64(2 * time.Minute))
	makers.answers(func(w http.ResponseWriter, _ *http.Request) { // it is taken in, and the answer is lost
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	})
	r = begin()
	r.orders(t, 110)
	assert.Equal(t, `{"orders":60}`, values(2)[1])
	r.orders(t, 120)
	require.NoError(t, r.Shutdown(t.Context()))
	tried := len(makers.received())

	later.Add(int64(30 * time.Second))
	makers.answers(status(http.StatusOK))
	r = begin()
	r.orders(t, 130)
	posts := makers.awaits(t, tried+1)
	repeated := posts[len(posts)-1]
	assert.Equal(t, posts[1].header.Get("Idempotency-Key"), repeated.header.Get("Idempotency-Key"))
	assert.Equal(t, `{"orders":60}`, values(tried + 1)[tried], "the repetition says the same, or 20 would be lost")
	require.NoError(t, r.Shutdown(t.Context()))

	later.Add(int64(2 * time.Minute))
	r = begin()
	r.orders(t, 135)
	assert.Equal(t, `{"orders":25}`, values(tried + 2)[tried+1], "135 - 50 is 60 and 25")
	require.NoError(t, r.Shutdown(t.Context())) // which waits until the answer is noted
	later.Add(int64(2 * time.Minute))
	r = begin()
	r.orders(t, 4)
	assert.Equal(t, `{"orders":null}`, values(tried + 3)[tried+2])
	assert.Equal(t, 1, r.logs.FilterMessageSnippet("A counter is smaller").Len())
	require.NoError(t, r.Shutdown(t.Context()))
	later.Add(int64(2 * time.Minute))
	r = begin()
	r.orders(t, 14)
	assert.Equal(t, `{"orders":10}`, values(tried + 4)[tried+3])
	require.NoError(t, r.Shutdown(t.Context()))
}

func TestIncreaseNeedsAMemory(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.ClientConfig.Endpoint = "https://collect.example.com/stat"
	increasing(cfg)
	require.NoError(t, confmap.Validate(cfg))
	cfg.Storage = nil
	require.ErrorContains(t, confmap.Validate(cfg), "storage: missing, and stats::WEEKLY::value::orders::increase counts from")
}
