// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

const (
	keyVersion = 1
	keyKey     = "key"
	// stateVersion is that of shards, the journal and what was told.
	stateVersion = 2
	// shards are the parts in which the fleet is stored, by an identity's first byte.
	shards = 256
	// together are the shards that one transaction reads: each costs two syncs of the file, and all at once twice the memory.
	together = 16
	// leastJournal is the size from which the journal is worth writing the shards anew.
	leastJournal = 1 << 20
)

// keyRecord is the key of all identities.
type keyRecord struct {
	Key []byte `json:"key"`
}

// journalKeyKey is where the journal says what of it is in the shards already.
const journalKeyKey = "journal"

// memory is the fleet on a storage: shards, and a journal of what changed since.
type memory struct {
	journal
	of aggregates
	// first is the number of the journal's first block.
	first uint64
	// stored is the size of all shards.
	stored [shards]int
	// changed marks the shards that are to be written anew.
	changed [shards]bool
	// compacted is when the shards were last written.
	compacted time.Time
}

// load reads the fleet, or begins a new one: with a new key, what was known under
// another one has no names any more.
func (m *memory) load(ctx context.Context, limit int) (*installations, error) {
	fleet := newInstallations(limit, m.of.kinds())
	var record keyRecord
	found, err := m.store.Load(ctx, keyKey, keyVersion, &record)
	if err != nil {
		return nil, err
	}
	if !found {
		fleet.key = make([]byte, 32)
		_, _ = rand.Read(fleet.key) // never fails
		return fleet, m.store.Save(ctx, keyKey, keyVersion, keyRecord{fleet.key})
	}
	if fleet.key = record.Key; len(fleet.key) != 32 {
		return nil, errors.New(`stored state "key" is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew`)
	}
	if err := m.loadShards(ctx, fleet); err != nil {
		return nil, err
	}
	return fleet, m.loadJournal(ctx, fleet)
}

func (m *memory) loadShards(ctx context.Context, fleet *installations) error {
	var absent []int
	for first := 0; first < shards; first += together {
		var keys []string
		for shard := first; shard < first+together; shard++ {
			keys = append(keys, shardKey(shard))
		}
		blocks, err := m.store.LoadBlobs(ctx, stateVersion, keys)
		if err != nil {
			return err
		}
		for i, block := range blocks {
			m.stored[first+i] = len(block)
			if block == nil {
				absent = append(absent, first+i)
			} else if err := m.restore(fleet, keys[i], block); err != nil {
				return err
			}
		}
	}
	return m.loadOld(ctx, absent, fleet)
}

// loadJournal takes in the blocks that are not in the shards yet, one after another.
func (m *memory) loadJournal(ctx context.Context, fleet *installations) error {
	begun, found, err := m.store.LoadBlob(ctx, journalKeyKey, stateVersion)
	if err != nil {
		return err
	}
	if found {
		r := reader{rest: begun}
		m.first, m.compacted = uint64(r.uint32())<<32|uint64(r.uint32()), seconds(r.uint32()).time()
	}
	for m.next = m.first; ; m.next++ {
		block, found, err := m.store.LoadBlob(ctx, journalKey(m.next), stateVersion)
		if err != nil || !found {
			return err
		}
		if err := m.restore(fleet, journalKey(m.next), block); err != nil {
			return err
		}
		m.size += len(block)
		m.changedAll()
	}
}

func (m *memory) changedAll() {
	for shard := range m.changed {
		m.changed[shard] = true
	}
}

func (m *memory) restore(fleet *installations, key string, block []byte) error {
	if err := fleet.restore(block, m.of); err != nil {
		return fmt.Errorf("stored state %q is garbled (%w): restore it from a copy, or remove the component's file from the storage directory to start anew", key, err)
	}
	return nil
}

// compacts reports whether the shards are to be written anew: when the journal has
// become large beside them, or after a day, so that what is forgotten is so on disk too.
func (m *memory) compacts(now time.Time) bool {
	total := 0
	for _, size := range m.stored {
		total += size
	}
	return m.store.Keeps() && (m.size > max(leastJournal, total/4) || now.Sub(m.compacted) >= 24*time.Hour || now.Before(m.compacted))
}

// written is the number of the first block that is not written yet.
func (m *memory) written() uint64 {
	m.writing.Lock()
	defer m.writing.Unlock()
	return m.next
}

// compact writes the changed shards, and then ends the journal of what was there
// before upTo. A crash in between leaves shards that are newer than the journal:
// reading it whole brings them to the same state again.
func (m *memory) compact(ctx context.Context, now time.Time, upTo uint64, changed [shards]bool, encode func(shard int) []byte) error {
	for shard := range shards {
		if !changed[shard] {
			continue
		}
		block := encode(shard)
		if err := m.store.SaveBlob(ctx, shardKey(shard), stateVersion, block, oldShardKey(shard)); err != nil {
			return err
		}
		m.stored[shard] = len(block)
	}
	var ended []string
	for number := m.first; number < upTo; number++ {
		ended = append(ended, journalKey(number))
	}
	begun := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, upTo), uint32(secondsOf(now)))
	m.writing.Lock()
	defer m.writing.Unlock()
	if err := m.store.SaveBlob(ctx, journalKeyKey, stateVersion, begun, ended...); err != nil {
		return err
	}
	m.first, m.size, m.compacted = upTo, 0, now
	return nil
}

func shardKey(shard int) string { return fmt.Sprintf("fleet/%02x", shard) }
