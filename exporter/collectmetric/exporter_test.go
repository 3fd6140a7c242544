// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func TestAReportLeavesOnceInItsInterval(t *testing.T) {
	makers, dir := newMakers(t), filepath.Join(t.TempDir(), "state")
	a := newApp(t, shop(makers.URL, dir)...)
	a.order(47)
	a.export(t)
	posts := makers.received()
	require.Len(t, posts, 1)
	assert.Regexp(t, `^\{"instanceId":"[0-9a-f-]{36}","time":\d+\.0,"value":\{"orders":50\},"name":"WEEKLY"\}$`, posts[0].body)
	assert.Equal(t, "application/json", posts[0].header.Get("Content-Type"))
	assert.Regexp(t, `^headcount/`, posts[0].header.Get("User-Agent"))
	assert.Len(t, posts[0].header.Get("Idempotency-Key"), 32)
	for range 10 {
		a.export(t)
	}
	a.impatient()
	a.export(t)
	assert.Len(t, makers.received(), 1, "the state knows that it is not due")

	again := newApp(t, shop(makers.URL, dir)...)
	again.order(50)
	again.export(t)
	assert.Len(t, makers.received(), 1, "neither after a restart")
	assert.Empty(t, told.take())

	info, err := os.Stat(dir)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(dir, "exporter_collect_"), filepath.Join(dir, "receiver_appusage_")}, files, "the Collector's own names")
}

func TestAFailedReportIsBuiltAnewUnderTheSameKey(t *testing.T) {
	makers, dir := newMakers(t), t.TempDir()
	makers.answers(status(http.StatusBadGateway))
	a := newApp(t, shop(makers.URL, dir)...)
	a.freeze()
	a.order(47)
	a.export(t)
	a.export(t)
	require.Len(t, makers.received(), 1, "it backs off")
	a.order(100)
	makers.answers(status(http.StatusOK))
	again := newApp(t, shop(makers.URL, dir)...) // a restart
	again.freezeAt(a.now())
	again.order(147)
	again.export(t)
	require.Len(t, makers.received(), 1, "its back-off holds across restarts")
	again.later(10 * time.Second)
	again.export(t)
	posts := makers.received()
	require.Len(t, posts, 2)
	assert.Contains(t, posts[1].body, `"orders":150`)
	assert.Equal(t, posts[0].header.Get("Idempotency-Key"), posts[1].header.Get("Idempotency-Key"))
	assert.Equal(t, posts[0].stat.InstanceID, posts[1].stat.InstanceID)
	assert.Len(t, told.take(), 1)
}

func TestShutdown(t *testing.T) {
	a := newApp(t, shop("https://collect.example.invalid", t.TempDir())...)
	require.NoError(t, a.ForceFlush(t.Context()))
	require.NoError(t, a.Shutdown(t.Context()))
	require.NoError(t, a.Shutdown(t.Context()))
	require.ErrorIs(t, a.Export(t.Context(), &metricdata.ResourceMetrics{}), sdkmetric.ErrExporterShutdown)
}

func TestShutdownCallsOffWhatIsUnderWay(t *testing.T) {
	makers := newMakers(t)
	asked := make(chan struct{})
	makers.answers(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	a := newApp(t, shop(makers.URL, t.TempDir(), WithTimeout(time.Hour))...)
	a.order(1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.export(t)
	}()
	<-asked
	require.NoError(t, a.Shutdown(context.Background()))
	<-done
	assert.Empty(t, told.take())
}
