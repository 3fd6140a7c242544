// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"pgregory.net/rapid"
)

// disk is a storage client that can be walked, counts transactions, and is full when told.
type disk struct {
	values       map[string][]byte
	transactions int
	full         bool
}

func newDisk() *disk { return &disk{values: map[string][]byte{}} }

func (d *disk) Get(_ context.Context, key string) ([]byte, error) { return d.values[key], nil }

func (d *disk) Set(ctx context.Context, key string, value []byte) error {
	return d.Batch(ctx, storage.SetOperation(key, value))
}

func (d *disk) Delete(ctx context.Context, key string) error {
	return d.Batch(ctx, storage.DeleteOperation(key))
}

func (d *disk) Batch(_ context.Context, operations ...*storage.Operation) error {
	if d.full {
		return storage.ErrStorageFull
	}
	d.transactions++
	for _, o := range operations {
		switch o.Type {
		case storage.Set:
			d.values[o.Key] = slices.Clone(o.Value)
		case storage.Delete:
			delete(d.values, o.Key)
		}
	}
	return nil
}

func (*disk) Close(context.Context) error { return nil }

func (d *disk) Walk(_ context.Context, visit storage.WalkFunc) error {
	for key, value := range d.values {
		if _, err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}

// reopened is what a start after a crash finds: the records, and whether the journal is damaged.
func reopened(t require.TestingT, d *disk) (j *Journal, found map[string]int, damaged bool) {
	found = map[string]int{}
	j, walked, err := OpenJournal(context.Background(), Over(d), 1, func(key string, record int, damage error) {
		if key == "" {
			damaged = true
			return
		}
		require.NoError(t, damage, key)
		found[key] = record
	})
	require.NoError(t, err)
	require.True(t, walked)
	return j, found, damaged
}

func many(from, to int) (records []Saved) {
	for i := range to - from {
		records = append(records, Saved{fmt.Sprint("key ", from+i), from + i})
	}
	return records
}

func TestManyRecordsAreOneTransaction(t *testing.T) {
	d := newDisk()
	j, _, _ := reopened(t, d)
	require.NoError(t, j.Save(t.Context(), many(0, 1)))
	assert.Contains(t, d.values, "key 0", "a lone record stands in its place")
	require.NoError(t, j.Save(t.Context(), many(0, 64)))
	assert.Equal(t, 2, d.transactions)
	assert.Len(t, d.values, 2, "64 records are one key")
	require.NoError(t, j.Save(t.Context(), []Saved{{"key 0", 1000}}))

	again, found, damaged := reopened(t, d)
	assert.False(t, damaged)
	assert.Len(t, found, 64)
	assert.Equal(t, 1000, found["key 0"])
	var record int
	known, err := again.Load(t.Context(), "key 7", &record)
	require.NoError(t, err)
	assert.True(t, known)
	assert.Equal(t, 7, record)

	require.NoError(t, again.Close(t.Context()))
	assert.Len(t, d.values, 64, "an end puts each in its place: earlier versions read it")
}

// However long it goes on, the journal stays small, and nothing is lost in between.
func TestTheJournalIsCompacted(t *testing.T) {
	d := newDisk()
	j, _, _ := reopened(t, d)
	largest := 0
	for range 400 {
		require.NoError(t, j.Save(t.Context(), many(0, 400)))
		size := 0
		for key, value := range d.values {
			if strings.HasPrefix(key, journalPrefix) {
				size += len(value)
			}
		}
		largest = max(largest, size)
	}
	assert.Greater(t, largest, maxJournal)
	assert.Less(t, largest, maxJournal+400*100)
	assert.Equal(t, 400, d.transactions, "compaction costs no transaction of its own")
	_, found, _ := reopened(t, d)
	assert.Len(t, found, 400)
}

// Whatever is saved, deleted and cut off by a crash: what a Save has promised is found.
func TestJournalKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, want := newDisk(), map[string]int{}
		j, _, _ := reopened(t, d)
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				var found map[string]int
				j, found, _ = reopened(t, d)
				require.Equal(t, want, found)
			case 1:
				require.NoError(t, j.Close(context.Background()))
			case 2:
				if len(want) > 0 {
					key := rapid.SampledFrom(slices.Sorted(maps.Keys(want))).Draw(t, "key")
					require.NoError(t, j.Delete(context.Background(), key))
					delete(want, key)
				}
			default:
				d.full = rapid.IntRange(0, 4).Draw(t, "full") == 0
				var records []Saved
				for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 40), 0, 30, rapid.ID).Draw(t, "records") {
					records = append(records, Saved{fmt.Sprint("key ", i), 100*step + i})
				}
				err := j.Save(context.Background(), records)
				require.Equal(t, d.full && len(records) > 0, err != nil)
				for _, r := range records {
					if err == nil {
						want[r.Key] = r.Record.(int)
					}
				}
				d.full = false
			}
		}
		_, found, _ := reopened(t, d)
		require.Equal(t, want, found)
	})
}

// A journal that is cut at any byte is noticed, and what stands before the cut is found.
func TestAJournalCutAtAnyByte(t *testing.T) {
	d := newDisk()
	j, _, _ := reopened(t, d)
	require.NoError(t, j.Save(t.Context(), many(0, 8)))
	require.Len(t, d.values, 1)
	key := slices.Collect(maps.Keys(d.values))[0]
	whole := d.values[key]
	for cut := range len(whole) {
		d.values[key] = whole[:cut]
		_, found, damaged := reopened(t, d)
		require.True(t, damaged, cut)
		require.Less(t, len(found), 8)
		for name, record := range found {
			require.Equal(t, name, fmt.Sprint("key ", record))
		}
	}
	d.values[key] = append(slices.Clone(whole), 0)
	_, _, damaged := reopened(t, d)
	assert.True(t, damaged, "something follows")
}

func FuzzPage(f *testing.F) {
	f.Add(newPage(map[string][]byte{"key": []byte("{}")}))
	f.Add([]byte{0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, page []byte) {
		records := map[string][]byte{}
		if readPage(page, records) != nil {
			return
		}
		again := map[string][]byte{}
		require.NoError(t, readPage(newPage(records), again))
		assert.Equal(t, records, again)
	})
}
