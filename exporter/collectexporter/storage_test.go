// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// remembering has the exporter's memory on disk, and its queue in memory.
func remembering(cfg *Config) { cfg.Storage = &storageID }

func TestMissingStorageFailsAtStart(t *testing.T) {
	for name, h := range map[string]trusttest.Host{
		"not running": {},
		"no storage":  {storageID: trusttest.NewExtension(trust.On)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "http://127.0.0.1:1", h, remembering)
			require.ErrorContains(t, r.Start(t.Context(), h), `"file_storage"`)
			require.NoError(t, r.Shutdown(t.Context()))
		})
	}
}

// full is a storage with no room left.
func full(cfg *filestorage.Config) { cfg.MaxSize = 64 << 10 }

func TestFullDiskSendsNothingUnremembered(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), full)}
	r := newRig(t, makers.URL, h, remembering).start(t)
	var failures int
	for i := 0; failures < 20; i++ {
		before := len(makers.received())
		err := r.send(t.Context(), scraped(fmt.Sprint("i-", i), 20))
		posted := len(makers.received()) - before
		if err != nil {
			failures++
			require.ErrorIs(t, err, storage.ErrStorageFull)
			require.Zero(t, posted, "a key that is not stored was sent")
			continue
		}
		require.Equal(t, 1, posted)
	}
	assert.NotZero(t, r.logs.FilterMessageSnippet("cannot be remembered").Len())
	posts := makers.received()
	require.NotEmpty(t, posts)
	for _, p := range posts {
		_ = r.send(t.Context(), scraped(p.stat.InstanceID, 20))
	}
	assert.Len(t, makers.received(), len(posts), "what was accepted rests")
}

func TestGarbledRecord(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	folder := t.TempDir()
	ext := fileStorage(t, folder, nil)
	h := trusttest.Host{storageID: ext}
	first := newRig(t, makers.URL, h, remembering).start(t)
	for i := range 3 {
		require.NoError(t, first.send(t.Context(), scraped(fmt.Sprint("i-", i), 20)))
	}
	require.NoError(t, first.Shutdown(t.Context()))
	garble(t, ext, keyOf("i-1"))

	second := newRig(t, makers.URL, h, remembering).start(t)
	for i := range 3 {
		require.NoError(t, second.send(t.Context(), scraped(fmt.Sprint("i-", i), 20)))
	}
	assert.Len(t, makers.received(), 3, "no silent resend")
	lines := second.logs.FilterMessageSnippet("cannot be read").All()
	require.Len(t, lines, 1)
	assert.Contains(t, fmt.Sprint(lines[0].ContextMap()), keyOf("i-1").String())
}

func garble(t *testing.T, ext component.Component, owner pacing.Key) {
	t.Helper()
	client, err := ext.(storage.Extension).GetClient(t.Context(), component.KindExporter, component.MustNewID("collect"), "")
	require.NoError(t, err)
	require.NoError(t, client.Set(t.Context(), owner.String(), []byte(`{"version":1,"record":{"acc`)))
	require.NoError(t, client.Close(t.Context()))
}

func TestUnwritableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere; e2e tries it as another user")
	}
	folder := t.TempDir()
	ext := fileStorage(t, folder, nil)
	require.NoError(t, os.Chmod(folder, 0o500))
	h := trusttest.Host{storageID: ext}
	r := newRig(t, "http://127.0.0.1:1", h, remembering)
	require.ErrorContains(t, r.Start(t.Context(), h), "file_storage")
	require.NoError(t, r.Shutdown(t.Context()))
}

// What a dead endpoint leaves in a persistent queue survives, and Shutdown does not wait for it.
func TestShutdown(t *testing.T) {
	stalled := make(chan struct{})
	makers := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stalled:
		}
	})
	t.Cleanup(func() { close(stalled) })
	for name, end := range map[string]func() (context.Context, context.CancelFunc, time.Duration){
		"one timeout": func() (context.Context, context.CancelFunc, time.Duration) {
			return context.Background(), func() {}, 50 * time.Millisecond
		},
		"its deadline": func() (context.Context, context.CancelFunc, time.Duration) {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			return ctx, cancel, 24 * time.Hour
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel, timeout := end()
			defer cancel()
			h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}
			dead := newRig(t, makers.URL, h, func(cfg *Config) {
				persistent(cfg)
				cfg.ClientConfig.Timeout = timeout
			}).start(t)
			before := len(makers.received())
			for i := range 30 {
				dead.scrape(t, fmt.Sprint("i-", i), 20)
			}
			makers.awaits(t, before+10)
			require.NoError(t, dead.Shutdown(ctx))

			alive := newEndpoint(t, status(http.StatusOK))
			newRig(t, alive.URL, h, persistent).start(t)
			seen := map[string]bool{}
			for _, p := range alive.awaits(t, 30) {
				seen[p.stat.InstanceID] = true
			}
			assert.Len(t, seen, 30, "nothing is lost")
		})
	}
	t.Run("in memory", func(t *testing.T) {
		r := newRig(t, makers.URL, nil, func(cfg *Config) { cfg.ClientConfig.Timeout = 50 * time.Millisecond }).start(t)
		for i := range 500 {
			r.scrape(t, fmt.Sprint("i-", i), 20)
		}
		before := len(makers.received())
		require.NoError(t, r.Shutdown(t.Context()))
		assert.Less(t, len(makers.received())-before, 250, "what waits is given up, not tried one by one")
	})
	t.Run("twice, and before Start", func(t *testing.T) {
		r := newRig(t, makers.URL, nil, nil)
		require.NoError(t, r.Shutdown(t.Context()))
		require.NoError(t, r.Shutdown(t.Context()))
	})
}

// The clock jumps a year ahead and back: one report, then silence for one interval and not for a year.
func TestClockJump(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	r := newRig(t, makers.URL, nil, func(cfg *Config) { cfg.Stats = startup(168 * time.Hour) })
	ahead := time.Duration(0)
	r.now = func() time.Time { return time.Now().Add(ahead) }
	r.start(t)
	sends := func(after time.Duration) int {
		ahead = after
		before := len(makers.received())
		for range 3 {
			require.NoError(t, r.send(t.Context(), scraped("i-1", 20)))
			ahead += 168 * time.Hour / 200 // what a report from the second on waits at most
		}
		return len(makers.received()) - before
	}
	const year = 365 * 24 * time.Hour
	assert.Equal(t, 1, sends(0))
	assert.Equal(t, 1, sends(year))
	assert.Equal(t, 0, sends(10*time.Hour), "back")
	assert.Equal(t, 0, sends(100*time.Hour))
	assert.Equal(t, 1, sends(178*time.Hour+time.Hour))
	assert.Equal(t, 0, sends(200*time.Hour))
}
