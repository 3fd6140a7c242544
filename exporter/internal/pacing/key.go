// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/zeebo/xxh3"
)

// Key is what an interval belongs to: one installation and one rate group. It is a
// hash, never all zero, so that neither memory nor storage grows with the length of
// ids. Who could make two ids collide could as well report under the other's.
type Key [16]byte

// NewKey is the key of an installation's rate group.
func NewKey(installation, group string) Key {
	var room [128]byte
	text := binary.AppendUvarint(room[:0], uint64(len(installation)))
	text = append(text, installation...)
	text = append(text, group...)
	return xxh3.Hash128(text).Bytes()
}

// String is the key's name in storage.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

func parseKey(name string) (k Key, err error) {
	if n, err := hex.Decode(k[:], []byte(name[:min(len(name), 2*len(k))])); err != nil || n != len(k) || len(name) != 2*len(k) || k == (Key{}) {
		return k, fmt.Errorf("stored state has the key %q, which names no installation's rate group", name)
	}
	return k, nil
}

// turns lets one at a time have a key's turn.
type turns struct {
	mu sync.Mutex
	// taken has the keys whose turn it is; the channel is made by who has to wait, and closed at its end.
	taken map[Key]chan struct{}
}

// take waits for the key's turn, or until ctx is done, and returns what gives it back.
func (t *turns) take(ctx context.Context, key Key) (giveBack func(), err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.mu.Lock()
		over, taken := t.taken[key]
		if !taken {
			t.taken[key] = nil
			t.mu.Unlock()
			return func() { t.end(key) }, nil
		}
		if over == nil {
			over = make(chan struct{})
			t.taken[key] = over
		}
		t.mu.Unlock()
		select {
		case <-over:
		case <-ctx.Done():
		}
	}
}

func (t *turns) end(key Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if over := t.taken[key]; over != nil {
		close(over)
	}
	delete(t.taken, key)
}
