// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// generatedID reads the id that a program generated for itself, as file_storage keeps it.
func generatedID(t *testing.T, state string) string {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(state, "receiver_appusage_"), 0o600, &bbolt.Options{ReadOnly: true})
	require.NoError(t, err)
	defer db.Close()
	var kept struct {
		Record string `json:"record"`
	}
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		return json.Unmarshal(tx.Bucket([]byte("default")).Get([]byte("instance_id")), &kept)
	}))
	require.NotEmpty(t, kept.Record)
	return kept.Record
}
