// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// watching is a consent that is told of what was not read.
type watching struct {
	*trusttest.Extension
	unread chan trust.Unread
}

func (w *watching) Unread(u trust.Unread) { w.unread <- u }

func TestThatAllFailedIsTold(t *testing.T) {
	path, db := newShop(t)
	watch := func(t *testing.T) *watching {
		w := &watching{Extension: trusttest.NewExtension(trust.On), unread: make(chan trust.Unread, 1)}
		b := newBench(t, fromYAML(t, shop), t.TempDir(), w)
		require.NoError(t, b.receiver.Start(t.Context(), b.host))
		b.waits()
		b.shutdown() // which waits for the scrape
		return w
	}
	assert.Empty(t, watch(t).unread)

	run(t, db, "ALTER TABLE orders RENAME COLUMN user_id TO customer")
	assert.Empty(t, watch(t).unread, "one of several failed")

	require.NoError(t, db.Close())
	require.NoError(t, os.Remove(path))
	told := <-watch(t).unread
	assert.Equal(t, "appusage", told.Receiver.String())
	require.Len(t, told.Failures, 1)
	assert.Contains(t, told.Failures[0], "sources::db: ")
}

// planned is a consent that is told when is read next.
type planned struct {
	*trusttest.Extension
	next chan time.Time
}

func (p *planned) ReadsNext(_ component.ID, next time.Time) { p.next <- next }

func TestTheNextReadingIsTold(t *testing.T) {
	newShop(t)
	cfg := fromYAML(t, shop)
	cfg.CollectionInterval = 12 * time.Hour
	p := &planned{trusttest.NewExtension(trust.On), make(chan time.Time, 2)}
	before := time.Now()
	b := newBench(t, cfg, t.TempDir(), p)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	b.waits()
	b.shutdown()
	assert.True(t, (<-p.next).Before(before.Add(12*time.Hour)), "at the start the first")
	assert.False(t, (<-p.next).Before(before.Add(12*time.Hour)), "with each the one after it")
}
