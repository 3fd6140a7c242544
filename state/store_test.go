// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// walked is a storage client that can be listed, and records the operations of each batch.
type walked struct {
	storage.Client
	keys    []string
	batches [][]*storage.Operation
}

func (w *walked) Batch(ctx context.Context, operations ...*storage.Operation) error {
	w.batches = append(w.batches, operations)
	return w.Client.Batch(ctx, operations...)
}

func (w *walked) Walk(ctx context.Context, visit storage.WalkFunc) error {
	for _, key := range w.keys {
		value, err := w.Get(ctx, key)
		if err != nil || value == nil {
			continue
		}
		operations, err := visit(key, value)
		if err != nil {
			return err
		}
		if err := w.Client.Batch(ctx, operations...); err != nil {
			return err
		}
	}
	return nil
}

func TestARecordThatCannotBeReadIsAnErrorAndNeverNothing(t *testing.T) {
	const garbled = "is garbled: restore it from a copy"
	for name, tt := range map[string]struct{ stored, want string }{
		"torn":            {`{"version":1,"rec`, garbled},
		"empty":           {``, garbled},
		"zeros":           {"\x00\x00\x00\x00", garbled},
		"no version":      {`{"record":"secret"}`, garbled},
		"of another kind": {`{"version":1,"record":{"secret":1}}`, garbled},
		"foreign version": {`{"version":9,"record":"secret"}`, "has version 9, this program reads version 1"},
	} {
		client := state.NewMemory()
		require.NoError(t, client.Set(t.Context(), "key", []byte(tt.stored)))
		var record string
		found, err := state.Over(client).Load(t.Context(), "key", 1, &record)
		assert.False(t, found, name)
		require.ErrorContains(t, err, tt.want, name)
		assert.ErrorContains(t, err, `"key"`, name)
		assert.NotContains(t, err.Error(), "secret", name)
		there, err := state.Over(client).Has(t.Context(), "key")
		require.NoError(t, err)
		assert.True(t, there, "%s: it is there all the same", name)
	}
}

func TestAStoreThatKeepsNothing(t *testing.T) {
	var none state.Store
	assert.False(t, none.Keeps())
	require.NoError(t, none.Save(t.Context(), "key", 1, "value"))
	found, err := none.Load(t.Context(), "key", 1, new(string))
	require.NoError(t, err)
	assert.False(t, found)
	require.NoError(t, none.Delete(t.Context(), "key"))
	require.NoError(t, none.Forget(t.Context(), "key"))
	require.NoError(t, none.Clear(t.Context()))
	require.NoError(t, none.Close(t.Context()))
}

func TestWalkWithoutAWalkerSaysSo(t *testing.T) {
	walkable, err := state.Walk(t.Context(), state.Over(state.NewMemory()), 1, func(string, string, error) { t.Error("nothing can be visited") })
	require.NoError(t, err)
	assert.False(t, walkable)
}

func TestWalkVisitsDamageToo(t *testing.T) {
	client := &walked{Client: state.NewMemory(), keys: []string{"a", "b", "c"}}
	store := state.Over(client)
	require.NoError(t, store.Save(t.Context(), "a", 1, "first"))
	require.NoError(t, store.Save(t.Context(), "b", 2, "foreign"))
	require.NoError(t, client.Set(t.Context(), "c", []byte("torn")))
	read, damaged := map[string]string{}, []string{}
	walkable, err := state.Walk(t.Context(), store, 1, func(key, record string, damage error) {
		if damage != nil {
			damaged = append(damaged, key)
			return
		}
		read[key] = record
	})
	require.NoError(t, err)
	assert.True(t, walkable)
	assert.Equal(t, map[string]string{"a": "first"}, read)
	assert.Equal(t, []string{"b", "c"}, damaged)
}

func TestRecordsAreReadInOneTransaction(t *testing.T) {
	client := &walked{Client: state.NewMemory()}
	store := state.Over(client)
	require.NoError(t, store.Save(t.Context(), "a", 1, "first"))
	require.NoError(t, store.Save(t.Context(), "b", 2, "foreign"))
	require.NoError(t, store.Save(t.Context(), "c", 1, "last"))
	client.batches = nil
	var read, damaged []string
	require.NoError(t, state.LoadEach(t.Context(), store, 1, []string{"c", "absent", "b", "a"}, func(key, record string, damage error) {
		if damage != nil {
			damaged = append(damaged, key)
			return
		}
		read = append(read, record)
	}))
	assert.Equal(t, []string{"last", "first"}, read)
	assert.Equal(t, []string{"b"}, damaged)
	assert.Len(t, client.batches, 1)
}

func TestBlobsAreReadInOneTransaction(t *testing.T) {
	client := &walked{Client: state.NewMemory()}
	store := state.Over(client)
	require.NoError(t, store.SaveBlob(t.Context(), "a", 1, []byte("first")))
	require.NoError(t, store.SaveBlob(t.Context(), "empty", 1, nil))
	client.batches = nil
	blobs, err := store.LoadBlobs(t.Context(), 1, []string{"empty", "absent", "a"})
	require.NoError(t, err)
	assert.Equal(t, [][]byte{{}, nil, []byte("first")}, blobs)
	assert.Len(t, client.batches, 1)
	require.NoError(t, client.Set(t.Context(), "a", []byte("torn")))
	_, err = store.LoadBlobs(t.Context(), 1, []string{"empty", "a"})
	assert.ErrorContains(t, err, `"a" is garbled`)
}

func TestRecordsAreDeletedInOneTransaction(t *testing.T) {
	client := &walked{Client: state.NewMemory()}
	store := state.Over(client)
	require.NoError(t, store.Save(t.Context(), "a", 1, 1))
	require.NoError(t, store.Save(t.Context(), "b", 1, 2))
	client.batches = nil
	require.NoError(t, store.Delete(t.Context(), "a", "b", "absent"))
	require.Len(t, client.batches, 1)
	assert.Len(t, client.batches[0], 3)
	require.NoError(t, store.Delete(t.Context()))
	assert.Len(t, client.batches, 1, "nothing to delete costs nothing")
}

// What is forgotten, or cleared, is gone from the bytes of a file storage.
func TestForgottenRecordsAreGoneFromTheBytes(t *testing.T) {
	for name, forget := range map[string]func(context.Context, state.Store) error{
		"forgotten": func(ctx context.Context, s state.Store) error { return s.Forget(ctx, "id") },
		"cleared":   func(ctx context.Context, s state.Store) error { return s.Clear(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			folder, id := t.TempDir(), component.MustNewID("file_storage")
			factory := filestorage.NewFactory()
			cfg := factory.CreateDefaultConfig().(*filestorage.Config)
			cfg.Directory = folder
			files, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
			require.NoError(t, err)
			store, err := state.Open(t.Context(), trusttest.Host{id: files, component.MustNewID("headcount"): locator{folder: folder}}, &id, component.KindReceiver, component.MustNewID("appusage"))
			require.NoError(t, err)
			require.NoError(t, store.Save(t.Context(), "id", 1, "b4829f17-9a18-41fa-94a5-434c88719e64"))
			require.NoError(t, store.Save(t.Context(), "other", 1, "stays"))
			require.NoError(t, forget(t.Context(), store))
			content, err := os.ReadFile(filepath.Join(folder, "receiver_appusage_"))
			require.NoError(t, err)
			assert.NotContains(t, string(content), "b4829f17")
			var other string
			found, err := store.Load(t.Context(), "other", 1, &other)
			require.NoError(t, err)
			assert.Equal(t, name == "forgotten", found)
			require.NoError(t, store.Close(t.Context()))
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			assert.Len(t, left, 1, "nor is it in a file beside it")
		})
	}
}

type locator struct {
	component.StartFunc
	component.ShutdownFunc
	folder string
}

func (l locator) FolderOf(component.ID) string { return l.folder }
