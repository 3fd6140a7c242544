// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

const installations = 100_000

// gateway is the real storage with the records of a gateway's installations, all accepted just now.
func gateway(t testing.TB) (reopen func() state.Store) {
	t.Helper()
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = t.TempDir()
	ext, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	require.NoError(t, ext.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, ext.Shutdown(context.Background())) })
	id, self := component.MustNewID("file_storage"), component.MustNewID("collect")
	reopen = func() state.Store {
		store, err := state.Open(t.Context(), trusttest.Host{id: ext}, &id, component.KindExporter, self)
		require.NoError(t, err)
		return store
	}
	one, _, err := Open(t.Context(), reopen(), time.Now)
	require.NoError(t, err)
	keys := make([]Key, installations)
	for i := range keys {
		keys[i] = key(i)
		one.change(keys[i], func(r *record) { r.Accepted, r.Interval = time.Now().UnixNano(), int64(168*time.Hour) })
	}
	for some := range slices.Chunk(keys, 1000) { // in one transaction a page would grow without end
		require.NoError(t, one.save(t.Context(), some...))
	}
	require.NoError(t, one.Close(t.Context()))
	return reopen
}

// After a restart with a hundred thousand installations nothing is due, and the memory of each is small.
func TestAHundredThousandInstallations(t *testing.T) {
	reopen := gateway(t)
	before := heap()
	tracker, damage, err := Open(t.Context(), reopen(), time.Now)
	require.NoError(t, err)
	require.NoError(t, damage)
	each := (heap() - before) / installations
	t.Logf("%d bytes an installation", each)
	assert.Less(t, each, int64(300))
	for i := range installations {
		if wait, err := tracker.Wait(t.Context(), key(i), "STARTUP_STATS", 168*time.Hour); wait <= 0 || err != nil {
			t.Fatal(i, wait, err)
		}
	}
	require.NoError(t, tracker.Close(t.Context()))
}

// BenchmarkOpen is a gateway's start-up with the state of a hundred thousand installations, and
// what of each stays in memory.
func BenchmarkOpen(b *testing.B) {
	reopen := gateway(b)
	before := heap()
	tracker, _, err := Open(b.Context(), reopen(), time.Now)
	require.NoError(b, err)
	each := float64(heap()-before) / installations
	require.NoError(b, tracker.Close(b.Context()))
	for b.Loop() {
		tracker, _, err := Open(b.Context(), reopen(), time.Now)
		require.NoError(b, err)
		require.NoError(b, tracker.Close(b.Context()))
	}
	b.ReportMetric(each, "B/installation")
}

const idLength = 36

func id(i int) string { return fmt.Sprintf("%08x-1111-4222-8333-444444444444", i) }

func key(i int) Key { return NewKey(id(i), "STARTUP_STATS") }

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools held in the first is freed in the second
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkWait is the decision whether a stat is due: with one installation, and
// among a hundred thousand, where the memory's own speed counts.
func BenchmarkWait(b *testing.B) {
	for _, installations := range []int{1, installations} {
		b.Run(fmt.Sprint(installations), func(b *testing.B) {
			tracker, _, err := Open(b.Context(), state.Store{}, time.Now)
			require.NoError(b, err)
			var written []byte
			for i := range installations {
				written = append(written, id(i)...)
				require.NoError(b, tracker.Accepted(b.Context(), key(i), "STARTUP_STATS", 168*time.Hour)())
			}
			ids := string(written) // side by side, so that they take little of the cache from what is measured
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % installations {
				wait, err := tracker.Wait(b.Context(), NewKey(ids[i*idLength:(i+1)*idLength], "STARTUP_STATS"), "STARTUP_STATS", 168*time.Hour)
				if wait == 0 || err != nil {
					b.Fatal(wait, err)
				}
			}
		})
	}
}
