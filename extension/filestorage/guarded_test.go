// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filestorage

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	contrib "github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

var (
	storageID = component.MustNewID("file_storage")
	collect   = component.MustNewID("collect")
	headcount = component.MustNewID("headcount")
)

func newStorage(t *testing.T, folder string) (trusttest.Host, *observer.ObservedLogs) {
	t.Helper()
	factory := NewFactory()
	assert.Equal(t, storageID.Type(), factory.Type())
	cfg := factory.CreateDefaultConfig().(*contrib.Config)
	cfg.Directory, cfg.Timeout = folder, 50*time.Millisecond
	core, logs := observer.New(zapcore.DebugLevel)
	set := extensiontest.NewNopSettings(factory.Type())
	set.Logger = zap.New(core)
	ext, err := factory.Create(t.Context(), set, cfg)
	require.NoError(t, err)
	require.NoError(t, ext.Start(t.Context(), nil))
	t.Cleanup(func() { require.NoError(t, ext.Shutdown(context.Background())) })
	return trusttest.Host{storageID: ext}, logs
}

func save(t *testing.T, h trusttest.Host, kind component.Kind, owner component.ID) {
	t.Helper()
	store, err := state.Open(t.Context(), h, &storageID, kind, owner)
	require.NoError(t, err)
	require.NoError(t, store.Save(t.Context(), "key", 1, "value"))
	require.NoError(t, store.Close(t.Context()))
}

func TestWhatCanBeMadeAnewIsMovedAsideOnce(t *testing.T) {
	folder := t.TempDir()
	h, logs := newStorage(t, folder)
	save(t, h, component.KindExporter, collect)
	file := filepath.Join(folder, "exporter_collect_")
	require.NoError(t, os.Truncate(file, 0))

	before := time.Now()
	for range 2 { // the second start finds all well
		store, err := state.Open(t.Context(), h, &storageID, component.KindExporter, collect)
		require.NoError(t, err)
		var value string
		found, err := store.Load(t.Context(), "key", 1, &value)
		require.NoError(t, err)
		assert.False(t, found)
		lost, err := store.Loss(t.Context())
		require.NoError(t, err)
		assert.WithinRange(t, lost, before.Add(-time.Second), time.Now())
		require.NoError(t, store.Close(t.Context()))
	}
	lines := logs.FilterMessageSnippet("moved aside").All()
	require.Len(t, lines, 1)
	assert.Equal(t, file, lines[0].ContextMap()["file"])
	asides, err := filepath.Glob(file + ".damaged-*")
	require.NoError(t, err)
	assert.Len(t, asides, 1)
}

func TestWhatMustNotBeMadeAnewStops(t *testing.T) {
	folder := t.TempDir()
	h, logs := newStorage(t, folder)
	save(t, h, component.KindExtension, headcount)
	file := filepath.Join(folder, "extension_headcount_")
	require.NoError(t, os.Truncate(file, 100))
	for range 2 {
		_, err := state.Open(t.Context(), h, &storageID, component.KindExtension, headcount)
		require.ErrorContains(t, err, file)
		require.ErrorContains(t, err, "it holds what was sent")
	}
	assert.Zero(t, logs.Len())
}

func TestAFileInUseIsNamed(t *testing.T) {
	folder := t.TempDir()
	h, _ := newStorage(t, folder)
	client, err := h[storageID].(storage.Extension).GetClient(t.Context(), component.KindExporter, collect, "")
	require.NoError(t, err)
	_, err = state.Open(t.Context(), h, &storageID, component.KindExporter, collect)
	require.ErrorContains(t, err, filepath.Join(folder, "exporter_collect_")+": another process uses it")
	require.NoError(t, client.Close(t.Context()))
}

// The system keeps a removed file for who has it open: a key that is stored there is gone with the process, and so
// would be a report that was acknowledged.
func TestNothingIsStoredInAFileThatWasRemoved(t *testing.T) {
	folder := t.TempDir()
	h, _ := newStorage(t, folder)
	store, err := state.Open(t.Context(), h, &storageID, component.KindExporter, collect)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	require.NoError(t, store.Save(t.Context(), "key", 1, "withdrawn"))
	file := filepath.Join(folder, "exporter_collect_")
	require.NoError(t, store.Clear(t.Context()))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(text), "withdrawn")
	if err := os.Remove(file); err != nil {
		t.Skip("this system removes no file that is open:", err)
	}
	require.ErrorContains(t, store.Save(t.Context(), "key", 1, "value"), file+" was removed while this program used it")
	require.NoError(t, store.Clear(t.Context()), "what is withdrawn is gone already")
}

// A transaction that is committed has a number of its own in the file.
func TestReadsWriteNothing(t *testing.T) {
	folder := t.TempDir()
	h, _ := newStorage(t, folder)
	client, err := h[storageID].(storage.Extension).GetClient(t.Context(), component.KindExporter, collect, "")
	require.NoError(t, err)
	require.NoError(t, client.Set(t.Context(), "key", []byte("value")))
	written := func() [sha256.Size]byte {
		content, err := os.ReadFile(filepath.Join(folder, "exporter_collect_"))
		require.NoError(t, err)
		return sha256.Sum256(content)
	}
	before := written()

	value, err := client.Get(t.Context(), "key")
	require.NoError(t, err)
	assert.Equal(t, "value", string(value))
	absent, err := client.Get(t.Context(), "another")
	require.NoError(t, err)
	assert.Nil(t, absent)
	all := []*storage.Operation{storage.GetOperation("key"), storage.GetOperation("another"), storage.GetOperation("key")}
	require.NoError(t, client.Batch(t.Context(), all...))
	assert.Equal(t, []string{"value", "", "value"}, []string{string(all[0].Value), string(all[1].Value), string(all[2].Value)})
	var keys []string
	walker := client.(storage.Walker)
	require.NoError(t, walker.Walk(t.Context(), func(key string, _ []byte) ([]*storage.Operation, error) {
		keys = append(keys, key)
		return nil, nil
	}))
	assert.Equal(t, []string{"key"}, keys)
	require.ErrorIs(t, walker.Walk(t.Context(), func(string, []byte) ([]*storage.Operation, error) { return nil, os.ErrInvalid }), os.ErrInvalid)
	require.NoError(t, walker.Walk(t.Context(), func(string, []byte) ([]*storage.Operation, error) { return nil, storage.SkipAll }))
	assert.Equal(t, before, written(), "nothing was committed")

	mixed := storage.GetOperation("another")
	require.NoError(t, client.Batch(t.Context(), storage.SetOperation("another", []byte("2")), mixed, storage.DeleteOperation("key")))
	assert.Equal(t, "2", string(mixed.Value))
	assert.NotEqual(t, before, written())
	require.NoError(t, client.Set(t.Context(), "third", []byte("3")))
	require.NoError(t, walker.Walk(t.Context(), func(key string, _ []byte) ([]*storage.Operation, error) {
		if key == "third" { // not the first
			return []*storage.Operation{storage.SetOperation("fourth", []byte("4"))}, nil
		}
		return nil, nil
	}))
	fourth, err := client.Get(t.Context(), "fourth")
	require.NoError(t, err)
	assert.Equal(t, "4", string(fourth))
	require.NoError(t, client.Batch(t.Context()))
	require.NoError(t, client.Close(t.Context()))
	_, err = client.Get(t.Context(), "another")
	require.Error(t, err, "of a closed file nothing is read")
}
