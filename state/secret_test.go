// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
)

func TestSecret(t *testing.T) {
	client, err := storagetest.NewInMemoryStorageExtension("test").GetClient(t.Context(), component.KindExporter, component.MustNewID("collect"), "")
	require.NoError(t, err)
	store := Over(client)
	_, found, err := store.LoadSecret(t.Context())
	require.NoError(t, err)
	require.False(t, found)
	made, err := store.MakeSecret(t.Context())
	require.NoError(t, err)
	assert.NotZero(t, made)
	loaded, found, err := store.LoadSecret(t.Context())
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, made, loaded)
	_, err = Walk(t.Context(), store, 1, func(key string, _ any, _ error) { assert.NotEqual(t, secretKey, key) })
	require.NoError(t, err)
	require.NoError(t, store.ForgetSecret(t.Context()))
	_, found, err = store.LoadSecret(t.Context())
	require.NoError(t, err)
	require.False(t, found)
	for _, garbled := range [][]byte{{}, make([]byte, 31), make([]byte, 32), make([]byte, 33)} {
		require.NoError(t, store.Save(t.Context(), secretKey, secretVersion, garbled))
		_, _, err = store.LoadSecret(t.Context())
		require.ErrorContains(t, err, "garbled")
	}
}
