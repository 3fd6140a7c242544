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
	var taken int
	if err == nil {
		err = s.conn.QueryRowContext(ctx, d.dialect.lock(name)).Scan(&taken)
	}
	if err == nil && taken == locked && d.dialect.pooled(s.conn) {
		err = d.proveSession(ctx, s, name)
	}
	switch {
	case err != nil:
		s.Close()
		return nil, explain(ctx, d.dialect, err)
	case taken == onStandby:
		s.Close()
		return nil, errStandby
	case taken == onNode:
		s.Close()
		return nil, errNode
	case taken != locked:
		s.Close()
		return nil, nil
	}
	return &Lock{
		held:    func(ctx context.Context) bool { return s.holds(ctx, name) },
		release: s.Close,
	}, nil
}

// What a server answers to who asks for a lock.
const (
	locked    = 1
	onStandby = -1
	onNode    = -2
)

// holds asks the server, because a session that answers may be another than the one that took the lock.
func (s *Session) holds(ctx context.Context, name string) bool {
	var holds bool
	err := s.conn.QueryRowContext(ctx, s.dialect.holds(name)).Scan(&holds)
	return err == nil && holds
}

// proveSession shows behind a pooler that the session is one: while another is in a transaction, which
// may have got the server's session that took the lock, the lock is still ours.
func (d Database) proveSession(ctx context.Context, s *Session, name string) error {
	other := &Session{dialect: d.dialect}
	defer other.Close()
	err := other.connect(ctx)
	if err == nil {
		err = other.begin(ctx)
	}
	if err != nil {
		return err
	}
	if other.holds(ctx, name) || !s.holds(ctx, name) {
		return errPooled
	}
	return nil
}

// lockKey is a lock's name as a number: PostgreSQL's have no other, and MySQL's are short.
func lockKey(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
