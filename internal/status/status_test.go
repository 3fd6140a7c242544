// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package status_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/internal/statefile"
	"github.com/headcount-otel/headcount/internal/status"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

var on = trust.Decision{Mode: trust.On, Who: "the configuration key mode"}

// What was sent is read while a service holds the file, and nothing in the folder changes.
func TestReadsBesideAService(t *testing.T) {
	for _, name := range []string{"", "ours"} {
		t.Run("headcount/"+name, func(t *testing.T) { readsBesideAService(t, name) })
	}
}

func readsBesideAService(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	memory := state.NewMemory()
	record := ledger.New(func() {}, zap.NewNop())
	record.Restore(t.Context(), state.Over(memory))
	record.Delivered(trust.Delivery{Stat: "WEEKLY", Host: "collect.example.com", Key: "k", Time: time.Unix(1_750_000_000, 0), Status: 200, Body: []byte(`{"name":"WEEKLY"}`)})

	file := filepath.Join(dir, statefile.Name(component.KindExtension, component.NewIDWithName(component.MustNewType("headcount"), name), ""))
	service, err := bbolt.Open(file, 0o600, nil)
	require.NoError(t, err)
	defer service.Close()
	require.NoError(t, service.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("default"))
		if err != nil {
			return err
		}
		for _, key := range []string{"ledger.1"} {
			value, err := memory.Get(t.Context(), key)
			if err != nil {
				return err
			}
			if err := bucket.Put([]byte(key), value); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, os.WriteFile(file+statefile.Damaged+"20260101T000000Z", []byte("torn"), 0o600))
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	s, err := status.Read(t.Context(), statedir.Dir(dir), on)
	require.NoError(t, err)
	assert.True(t, s.Kept)
	require.Len(t, s.Entries, 1)
	assert.Equal(t, "WEEKLY", s.Entries[0].Stat)
	assert.JSONEq(t, `{"name":"WEEKLY"}`, string(s.Entries[0].Body))

	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 2, "nothing is written")
}

func TestNewInstallation(t *testing.T) {
	s, err := status.Read(t.Context(), statedir.Dir(filepath.Join(t.TempDir(), "none")), on)
	require.NoError(t, err)
	assert.Empty(t, s.Entries)
	assert.False(t, s.Kept, "nothing is known")
	assert.Equal(t, trust.On, s.Mode)
}
