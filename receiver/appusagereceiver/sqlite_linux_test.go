// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	syscalls "golang.org/x/sys/unix"
)

func TestLockedFile(t *testing.T) {
	path, _ := newShop(t)
	cfg := fromYAML(t, shop)
	cfg.Timeout = 1e9
	b := started(t, cfg)
	// As a writer of another process locks the file: its pending byte, and those of its readers.
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	require.NoError(t, syscalls.FcntlFlock(file.Fd(), syscalls.F_OFD_SETLK, &syscalls.Flock_t{Type: syscalls.F_WRLCK, Start: 0x40000000, Len: 512}))
	b.scrapes()
	assert.Equal(t, []string{"Failed: sources::db: the database is locked by a writer: one with locking_mode=EXCLUSIVE lets nobody else read"}, b.said())
	require.NoError(t, file.Close())
	b.scrapes()
	assert.Equal(t, []string{"Works again: sources::db"}, b.said())
}
