// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/state"
)

// held is a memory of which the first transaction waits until it is released.
type held struct {
	walkable
	begun   chan struct{}
	release chan struct{}
	once    sync.Once
}

func (h *held) Batch(ctx context.Context, ops ...*storage.Operation) error {
	h.once.Do(func() {
		close(h.begun)
		<-h.release
	})
	return h.walkable.Batch(ctx, ops...)
}

func (h *held) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{component.MustNewID("memory"): h}
}

func (h *held) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return h, nil
}

// Saves that come while one is under way share the next transaction.
func TestSavesShareACommit(t *testing.T) {
	m := &memory{values: map[string][]byte{}, walkable: true}
	h := &held{walkable: walkable{m}, begun: make(chan struct{}), release: make(chan struct{})}
	id := component.MustNewID("memory")
	store, err := state.Open(t.Context(), h, &id, component.KindExporter, component.MustNewID("collect"))
	require.NoError(t, err)
	b, damage, err := Open(t.Context(), store, time.Now)
	require.NoError(t, damage)
	require.NoError(t, err)
	try := func(i int) {
		attempt, err := b.Try(context.Background(), NewKey(fmt.Sprint("i-", i), "S"), "S", time.Hour, Growth{}, "")
		assert.NoError(t, err)
		assert.NotEmpty(t, attempt.IdempotencyKey)
	}
	var all sync.WaitGroup
	all.Go(func() { try(0) })
	<-h.begun
	for i := range 100 {
		all.Go(func() { try(1 + i) })
	}
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.next != nil && len(b.next.keys) == 100
	}, time.Minute, time.Millisecond)
	close(h.release)
	all.Wait()
	assert.Equal(t, 2, m.writes)

	require.NoError(t, b.Close(t.Context()))
	assert.Len(t, m.values, 101, "an end puts each record in its place")
}

// Whose records a cut journal held is not known: everything rests for an interval, and nothing is sent twice.
func TestAfterACutJournalEverythingRests(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	var keys []Key
	for i := range 20 {
		keys = append(keys, NewKey(fmt.Sprint("i-", i), "S"))
	}
	require.NoError(t, b.rest(t.Context(), keys))
	c.advance(2 * time.Hour)
	for name, page := range m.values {
		if strings.HasPrefix(name, "journal.") {
			m.values[name] = page[:len(page)/2]
		}
	}
	rests := func() {
		for _, key := range append(keys, NewKey("another", "S")) {
			wait, err := b.Wait(t.Context(), key, "S", time.Hour)
			require.NoError(t, err)
			assert.Equal(t, time.Hour-time.Hour/100, wait)
		}
	}
	b, damage := open(t, m, c)
	require.ErrorContains(t, damage, "the journal is cut or garbled")
	rests()
	require.NoError(t, b.Close(t.Context()))
	b, damage = open(t, m, c)
	require.NoError(t, damage, "it was said once")
	rests()
	c.advance(time.Hour)
	due(t, b, c, keys[0], "S", time.Hour)
}
