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

// Owner is what an interval belongs to: one installation and one pace. It is a
// hash, never all zero, so that neither memory nor storage grows with the length of
// ids. Who could make two ids collide could as well report under the other's.
type Owner [16]byte

// NewOwner names the owner of an installation's pace.
func NewOwner(installation, pace string) Owner {
	var room [128]byte
	text := binary.AppendUvarint(room[:0], uint64(len(installation)))
	text = append(text, installation...)
	text = append(text, pace...)
	return xxh3.Hash128(text).Bytes()
}

// String is the owner's name in storage.
func (o Owner) String() string { return hex.EncodeToString(o[:]) }

func parseOwner(key string) (o Owner, err error) {
	if n, err := hex.Decode(o[:], []byte(key[:min(len(key), 2*len(o))])); err != nil || n != len(o) || len(key) != 2*len(o) || o == (Owner{}) {
		return o, fmt.Errorf("stored state has the key %q, which names no pace", key)
	}
	return o, nil
}

// turns lets one at a time have an owner's turn.
type turns struct {
	mu sync.Mutex
	// taken has the owners whose turn it is; the channel is made by who has to wait, and closed at its end.
	taken map[Owner]chan struct{}
}

// take waits for the owner's turn, or until ctx is done, and returns what gives it back.
func (t *turns) take(ctx context.Context, owner Owner) (giveBack func(), err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.mu.Lock()
		over, taken := t.taken[owner]
		if !taken {
			t.taken[owner] = nil
			t.mu.Unlock()
			return func() { t.end(owner) }, nil
		}
		if over == nil {
			over = make(chan struct{})
			t.taken[owner] = over
		}
		t.mu.Unlock()
		select {
		case <-over:
		case <-ctx.Done():
		}
	}
}

func (t *turns) end(owner Owner) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if over := t.taken[owner]; over != nil {
		close(over)
	}
	delete(t.taken, owner)
}
