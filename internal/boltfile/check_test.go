// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package boltfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/internal/boltfile"
)

// written is a file as bbolt leaves it after some transactions.
func written(t testing.TB, options bbolt.Options, entries, size int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bolt")
	options.NoSync = true
	db, err := bbolt.Open(path, 0o600, &options)
	require.NoError(t, err)
	for round := range 3 {
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("default"))
			if err != nil {
				return err
			}
			for i := range entries {
				if err := bucket.Put(fmt.Appendf(nil, "key %d", (i*7919)%entries), make([]byte, size+round)); err != nil {
					return err
				}
			}
			if entries > 10 {
				return bucket.Delete([]byte("key 3"))
			}
			return nil
		}))
	}
	require.NoError(t, db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

func TestWhatBboltWritesIsWhole(t *testing.T) {
	for name, options := range map[string]bbolt.Options{
		"as file_storage writes": {NoFreelistSync: true, FreelistType: bbolt.FreelistMapType},
		"with its free pages":    {},
		"with large pages":       {NoFreelistSync: true, PageSize: 64 << 10},
		"with small pages":       {PageSize: 1024},
	} {
		for _, entries := range []int{0, 1, 5, 200, 2000} {
			for _, size := range []int{0, 100, 10_000} {
				if entries*size > 3_000_000 {
					continue
				}
				assert.NoError(t, boltfile.Check(written(t, options, entries, size)), "%s: %d of %d bytes", name, entries, size)
			}
		}
	}
}

func TestAFileThatWasJustMadeIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bolt")
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, boltfile.Check(content))
}

func TestWhatIsNoFileIsDamaged(t *testing.T) {
	whole := written(t, bbolt.Options{}, 200, 100)
	for name, content := range map[string][]byte{
		"nothing":   nil,
		"text":      []byte("this is no file"),
		"zeros":     make([]byte, 1<<20),
		"cut short": whole[:5*os.Getpagesize()],
	} {
		assert.ErrorIs(t, boltfile.Check(content), boltfile.ErrDamaged, name)
	}
}

// Whatever passes, bbolt opens for writing and reads without a panic, or a hang: a
// panic in its goroutines would end this test.
func TestWhatPassesCanBeOpened(t *testing.T) {
	whole := written(t, bbolt.Options{NoFreelistSync: true}, 300, 50)
	path := filepath.Join(t.TempDir(), "bolt")
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		torn := append([]byte(nil), whole...)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := 4096*rapid.IntRange(0, len(torn)/4096-1).Draw(t, "page") + rapid.IntRange(0, 200).Draw(t, "offset")
			torn[at] = rapid.Byte().Draw(t, "byte")
		}
		if boltfile.Check(torn) != nil {
			return
		}
		passed++
		require.NoError(t, os.WriteFile(path, torn, 0o600))
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, NoSync: true})
		require.NoError(t, err)
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("default"))
			if err != nil {
				return nil //nolint:nilerr // its name may have changed into a key
			}
			return bucket.Put([]byte("new"), make([]byte, 5000))
		}))
		require.NoError(t, db.Close())
	})
	assert.Positive(t, passed)
}

func FuzzCheck(f *testing.F) {
	for _, entries := range []int{0, 3, 100} {
		f.Add(written(f, bbolt.Options{PageSize: 1024}, entries, 20))
	}
	f.Fuzz(func(_ *testing.T, content []byte) { _ = boltfile.Check(content) })
}
