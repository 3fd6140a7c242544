// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package boltfile_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/headcount-otel/headcount/internal/boltfile"
)

// nested is an inline bucket of many entries, each of which is the one next bucket, and so on:
// who follows them all visits entries to the power of levels.
func nested(levels, entries int) []byte {
	order := binary.NativeEndian
	page := make([]byte, 16)
	order.PutUint16(page[8:], 2) // a leaf
	if levels == 0 {
		return append(make([]byte, 16), page...)
	}
	order.PutUint16(page[10:], uint16(entries))
	keys := 16 + 16*entries // each is the end of one text, behind which the next bucket begins
	next := nested(levels-1, entries)
	for i := range entries {
		element := make([]byte, 16)
		order.PutUint32(element, 1) // a bucket
		order.PutUint32(element[4:], uint32(keys+entries-(i+1)-(16+16*i)))
		order.PutUint32(element[8:], uint32(i+1))
		order.PutUint32(element[12:], uint32(len(next)))
		page = append(page, element...)
	}
	for i := range entries {
		page = append(page, byte(entries-i))
	}
	return append(make([]byte, 16), append(page, next...)...)
}

func TestEntriesThatShareTheirPlaceAreNotFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bolt")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: 64 << 10, NoSync: true})
	require.NoError(t, err)
	value := nested(12, 200)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("default"))
		if err != nil {
			return err
		}
		return bucket.Put([]byte("k"), value)
	}))
	require.NoError(t, db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, boltfile.Check(content), "as a value it is nobody's business")

	at := bytes.LastIndex(content, append([]byte("k"), value...))
	require.Positive(t, at)
	flags := content[at-16:] // the only element lies before its key
	require.Zero(t, binary.NativeEndian.Uint32(flags))
	binary.NativeEndian.PutUint32(flags, 1)
	assert.ErrorIs(t, boltfile.Check(content), boltfile.ErrDamaged)
}
