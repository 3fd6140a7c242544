// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"fmt"
	"sync"

	"github.com/headcount-otel/headcount/state"
)

// journal keeps what reports changed since the shards were last written: one block a
// commit. Reports that come while a commit is under way share the next one.
type journal struct {
	store state.Store
	// size of what was written since the shards were.
	size int
	// next is the number of the next block.
	next uint64
	// writing is held by the one that commits.
	writing sync.Mutex
}

// group is the reports that are committed together.
type group struct {
	block []byte
	done  bool
	err   error
}

// commit writes the group unless another report of it already did; seal ends it, so
// that reports that come from then on are of the next.
func (j *journal) commit(ctx context.Context, g *group, seal func()) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if !g.done {
		seal()
		g.done, g.err = true, j.append(ctx, g.block)
	}
	return g.err
}

func (j *journal) append(ctx context.Context, block []byte) error {
	// The report that commits for others may be given up; theirs must not be.
	if err := j.store.SaveBlob(context.WithoutCancel(ctx), journalKey(j.next), stateVersion, block); err != nil {
		return err
	}
	j.next++
	j.size += len(block)
	return nil
}

func journalKey(number uint64) string { return fmt.Sprintf("journal/%016x", number) }
