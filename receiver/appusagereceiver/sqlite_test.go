// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package appusagereceiver

import (
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sum(t *testing.T, path string) [32]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return sha256.Sum256(content)
}

func TestFileStaysByteIdentical(t *testing.T) {
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			path, db := newShop(t)
			run(t, db, "PRAGMA journal_mode = "+mode)
			require.NoError(t, db.Close())
			before := sum(t, path)
			b := started(t, fromYAML(t, shop))
			for range 99 {
				assert.Equal(t, int64(3), figures(b.scrapes())["shop.orders"])
			}
			assert.Equal(t, before, sum(t, path))
			assert.Empty(t, b.said())
		})
	}
}

func TestRowsInTheWriteAheadLogCount(t *testing.T) {
	_, db := newShop(t)
	run(t, db, "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0")
	run(t, db, "INSERT INTO orders VALUES (4, 8, NULL, 0, 1, 'in the log')")
	b := started(t, fromYAML(t, shop))
	assert.Equal(t, int64(4), figures(b.last())["shop.orders"])
}

// TestReadOnlyCopy lets a process that may write nowhere read copies in both journal modes.
func TestReadOnlyCopy(t *testing.T) {
	if os.Getenv("HEADCOUNT_READ_ONLY") != "" {
		b := started(t, fromYAML(t, orders))
		assert.Equal(t, int64(3), figures(b.last())["shop.orders"])
		assert.Empty(t, b.said())
		return
	}
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			path, db := newShop(t)
			run(t, db, "PRAGMA journal_mode = "+mode)
			require.NoError(t, db.Close())
			folder, err := os.MkdirTemp("", "headcount-read-only-")
			require.NoError(t, err)
			defer func() {
				require.NoError(t, os.Chmod(folder, 0o755))
				require.NoError(t, os.RemoveAll(folder))
			}()
			place(t, path, filepath.Join(folder, "shop.sqlite3"), 0o444)
			place(t, os.Args[0], filepath.Join(folder, "test"), 0o555)
			require.NoError(t, os.Chmod(folder, 0o555))

			cmd := exec.Command(filepath.Join(folder, "test"), "-test.run=^TestReadOnlyCopy$")
			cmd.Dir = folder
			cmd.Env = []string{"HEADCOUNT_READ_ONLY=1", "SHOP_URL=sqlite:///shop.sqlite3", "TMPDIR=" + os.TempDir()}
			if os.Getuid() == 0 {
				// Permissions mean nothing to root.
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			}
			output, err := cmd.CombinedOutput()
			require.NoError(t, err, string(output))
			entries, err := os.ReadDir(folder)
			require.NoError(t, err)
			assert.Len(t, entries, 2)
		})
	}
}

func place(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	source, err := os.Open(from)
	require.NoError(t, err)
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, mode)
	require.NoError(t, err)
	_, err = io.Copy(target, source)
	require.NoError(t, err)
	require.NoError(t, target.Close())
}
