// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

const (
	journalPrefix = "journal."
	// fewRecords are stored each in its place: a lone record costs what it always did.
	fewRecords = 4
	// maxJournal is how many bytes the journal holds before its records are put in their places:
	// the more there are, the more of them share a page there.
	maxJournal = 4 << 20
)

// Journal stores many records of one version in one transaction. What a transaction
// costs is the pages that it touches, so records that are saved together go under one
// key, one behind the other, and later, very many at once, each in its place. It is
// not safe for concurrent use.
type Journal struct {
	store   Store
	version int
	// scattered: the storage cannot be walked, so that a journal could not be found again.
	scattered bool
	// pages are the keys of the journal, in their order.
	pages []string
	size  int
	next  int
	// moving are the records that stand in the journal, in their newest form.
	moving map[string][]byte
}

// Saved is a record under its key.
type Saved struct {
	Key    string
	Record any
}

// OpenJournal reads all records of a store in one pass; damage is not nil where one
// cannot be read, and has no key where records of the journal are lost: which ones
// cannot be known. A key may be visited twice; the later visit holds. It reports false
// when the storage extension cannot be walked.
func OpenJournal[R any](ctx context.Context, s Store, version int, visit func(key string, record R, damage error)) (j *Journal, walked bool, err error) {
	j = &Journal{store: s, version: version, moving: map[string][]byte{}}
	pages := map[string][]byte{}
	walked, err = s.walk(ctx, func(key string, stored []byte) {
		if strings.HasPrefix(key, journalPrefix) {
			pages[key] = slices.Clone(stored)
			return
		}
		visitStored(key, stored, version, visit)
	})
	j.scattered = !walked
	for key := range pages {
		j.pages = append(j.pages, key)
	}
	slices.Sort(j.pages)
	for _, key := range j.pages {
		j.size += len(pages[key])
		j.next = max(j.next, numberOf(key)+1)
		if damage := readPage(pages[key], j.moving); damage != nil {
			var none R
			visit("", none, fmt.Errorf("stored state %q: %w", key, damage))
		}
	}
	for key, stored := range j.moving {
		visitStored(key, stored, version, visit)
	}
	return j, walked, err
}

// Keeps reports whether anything is kept.
func (j *Journal) Keeps() bool { return j.store.Keeps() }

// Load reads the record under key, and reports whether there was one.
func (j *Journal) Load(ctx context.Context, key string, record any) (bool, error) {
	if stored, moving := j.moving[key]; moving {
		return true, open(key, stored, j.version, record)
	}
	return j.store.Load(ctx, key, j.version, record)
}

// Save stores records; when it returns nil they survive a restart, else none of them does.
func (j *Journal) Save(ctx context.Context, records []Saved) error {
	if !j.store.Keeps() || len(records) == 0 {
		return nil
	}
	encoded := make(map[string][]byte, len(records))
	for _, r := range records {
		stored, err := seal(r.Key, j.version, r.Record)
		if err != nil {
			return err
		}
		encoded[r.Key] = stored
	}
	switch {
	case j.scattered, len(j.pages) == 0 && len(encoded) <= fewRecords:
		return j.batch(ctx, setAll(nil, encoded))
	case j.size > maxJournal:
		return j.settle(ctx, encoded)
	default:
		return j.append(ctx, encoded)
	}
}

// append writes a page of the journal.
func (j *Journal) append(ctx context.Context, encoded map[string][]byte) error {
	page := newPage(encoded)
	key := fmt.Sprintf("%s%016x", journalPrefix, j.next)
	if err := j.batch(ctx, []*storage.Operation{storage.SetOperation(key, page)}); err != nil {
		return err
	}
	j.pages = append(j.pages, key)
	j.next++
	j.size += len(page)
	for key, stored := range encoded {
		j.moving[key] = stored
	}
	return nil
}

// settle puts all records in their places, and deletes the journal in the same transaction.
func (j *Journal) settle(ctx context.Context, more map[string][]byte) error {
	operations := make([]*storage.Operation, 0, len(j.moving)+len(more)+len(j.pages))
	for key, stored := range j.moving {
		if _, newer := more[key]; !newer {
			operations = append(operations, storage.SetOperation(key, stored))
		}
	}
	operations = setAll(operations, more)
	slices.SortFunc(operations, func(a, b *storage.Operation) int { return strings.Compare(a.Key, b.Key) })
	for _, key := range j.pages {
		operations = append(operations, storage.DeleteOperation(key))
	}
	if err := j.batch(ctx, operations); err != nil {
		return err
	}
	j.pages, j.size = j.pages[:0], 0
	clear(j.moving)
	return nil
}

// Delete removes the records under keys.
func (j *Journal) Delete(ctx context.Context, keys ...string) error {
	if len(j.pages) > 0 && slices.ContainsFunc(keys, func(key string) bool { _, moving := j.moving[key]; return moving }) {
		if err := j.settle(ctx, nil); err != nil {
			return err
		}
	}
	return j.store.Delete(ctx, keys...)
}

// Close puts all records in their places, and releases the storage.
func (j *Journal) Close(ctx context.Context) error {
	var err error
	if len(j.pages) > 0 {
		err = j.settle(ctx, nil)
	}
	return errors.Join(err, j.store.Close(ctx))
}

func (j *Journal) batch(ctx context.Context, operations []*storage.Operation) error {
	if err := j.store.client.Batch(ctx, operations...); err != nil {
		return fmt.Errorf("state cannot be stored: %w", err)
	}
	return nil
}

func setAll(operations []*storage.Operation, encoded map[string][]byte) []*storage.Operation {
	for key, stored := range encoded {
		operations = append(operations, storage.SetOperation(key, stored))
	}
	return operations
}
