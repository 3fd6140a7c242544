// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/state"
)

// Whatever byte of a record, or of its key, changes on the disk: it is read as it was, or not at all.
func TestAChangedByteIsNoOtherRecord(t *testing.T) {
	const id = "3b9d61f0-0f4e-4f6c-9a55-7d2c1f8e6a10"
	client := state.NewMemory()
	store := state.Over(client)
	require.NoError(t, store.Save(t.Context(), "instance_id", 1, id))
	whole, err := client.Get(t.Context(), "instance_id")
	require.NoError(t, err)
	for at := range whole {
		for bit := range 8 {
			changed := append([]byte(nil), whole...)
			changed[at] ^= 1 << bit
			require.NoError(t, client.Set(t.Context(), "instance_id", changed))
			var read string
			if found, err := store.Load(t.Context(), "instance_id", 1, &read); err == nil {
				require.True(t, found)
				require.Equal(t, id, read, "%s", changed)
			}
		}
	}
	require.NoError(t, client.Set(t.Context(), "instance_ie", whole))
	_, err = store.Load(t.Context(), "instance_ie", 1, new(string))
	assert.ErrorContains(t, err, `"instance_ie" is garbled`)
}

func TestARecordOfAnEarlierVersionHasNoSum(t *testing.T) {
	client := state.NewMemory()
	require.NoError(t, client.Set(t.Context(), "key", []byte(`{"version":1,"record":"value"}`)))
	var read string
	found, err := state.Over(client).Load(t.Context(), "key", 1, &read)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, "value", read)
}
