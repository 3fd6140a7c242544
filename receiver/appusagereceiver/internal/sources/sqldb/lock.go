// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
)

// Lock is held by one process at a time among those that use one database. It writes
// nothing, and ends with the process at the latest.
type Lock struct {
	held    func(context.Context) bool
	release func()
}

// Held reports whether the lock is still ours: the server may have gone in between.
func (l *Lock) Held(ctx context.Context) bool { return l.held(ctx) }

// Release lets another process take the lock.
func (l *Lock) Release() { l.release() }

// TryLock takes the lock of this name; nil without an error means that another session holds it.
// In SQLite a file has one lock, whatever its name.
func (d Database) TryLock(ctx context.Context, name string) (*Lock, error) {
	if file, isFile := d.dialect.(sqliteFile); isFile {
		return file.tryLock()
	}
	s := &Session{dialect: d.dialect}
	err := s.connect(ctx)
	var taken bool
	if err == nil {
		err = s.conn.QueryRowContext(ctx, d.dialect.lock(name)).Scan(&taken)
	}
	if err != nil {
		s.Close()
		return nil, explain(ctx, d.dialect, err)
	}
	if !taken {
		s.Close()
		return nil, nil
	}
	// The lock is the session's, so it is ours as long as the session answers.
	return &Lock{
		held:    func(ctx context.Context) bool { return s.conn.PingContext(ctx) == nil },
		release: s.Close,
	}, nil
}

// lockKey is a lock's name as a number: PostgreSQL's have no other, and MySQL's are short.
func lockKey(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
