// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"

	"github.com/headcount-otel/headcount/state"
)

const installations = 100_000

type host map[component.ID]component.Component

func (h host) GetExtensions() map[component.ID]component.Component { return h }

// A gateway's book, on the real storage: what is in memory after a restart, and how long that takes.
func TestAHundredThousandInstallations(t *testing.T) {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = t.TempDir()
	ext, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	require.NoError(t, ext.Start(t.Context(), componenttest.NewNopHost()))
	defer func() { require.NoError(t, ext.Shutdown(context.Background())) }()
	id := component.MustNewID("file_storage")
	reopen := func() state.Store {
		store, err := state.Open(t.Context(), host{id: ext}, &id, component.KindExporter, component.MustNewID("collect"))
		require.NoError(t, err)
		return store
	}

	first, _, err := Open(t.Context(), reopen(), time.Now)
	require.NoError(t, err)
	for i := range installations {
		require.NoError(t, first.Accepted(t.Context(), owner(i), "STARTUP_STATS", 168*time.Hour))
	}
	require.NoError(t, first.Close(t.Context()))
	first = nil

	before := heap()
	store := reopen()
	begun := time.Now()
	second, damage, err := Open(t.Context(), store, time.Now)
	took := time.Since(begun)
	require.NoError(t, err)
	require.NoError(t, damage)
	each := (heap() - before) / installations
	t.Logf("%d bytes an installation, read in %s", each, took)
	assert.Less(t, each, int64(300))
	assert.Less(t, took, 2*time.Second)
	for i := range installations {
		wait, err := second.Wait(t.Context(), owner(i), "STARTUP_STATS", 168*time.Hour)
		require.NoError(t, err)
		require.Positive(t, wait)
	}
	require.NoError(t, second.Close(t.Context()))
}

func owner(i int) Owner {
	return NewOwner(fmt.Sprintf("%08x-1111-4222-8333-444444444444", i), "STARTUP_STATS")
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkWait is the decision whether a stat is due: with one installation, and
// among a hundred thousand, where the memory's own speed counts.
func BenchmarkWait(b *testing.B) {
	for _, installations := range []int{1, installations} {
		b.Run(fmt.Sprint(installations), func(b *testing.B) {
			book, _, err := Open(b.Context(), state.Store{}, time.Now)
			require.NoError(b, err)
			ids := make([]string, installations)
			for i := range ids {
				ids[i] = fmt.Sprintf("%08x-1111-4222-8333-444444444444", i)
				require.NoError(b, book.Accepted(b.Context(), NewOwner(ids[i], "STARTUP_STATS"), "STARTUP_STATS", 168*time.Hour))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				wait, err := book.Wait(b.Context(), NewOwner(ids[i%installations], "STARTUP_STATS"), "STARTUP_STATS", 168*time.Hour)
				if wait == 0 || err != nil {
					b.Fatal(wait, err)
				}
			}
		})
	}
}
