// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

const updated = shop + `
mismatches:
  shop 2:
    source: db
    count: {table: migrations, where: {name: guests}}
    remedy: take the profile for shop 2
`

// After an update the same rows mean another thing: nothing is read, and why is said once, until it fits again.
func TestAnotherVersionOfTheApplicationIsNotRead(t *testing.T) {
	_, db := newShop(t)
	run(t, db, "CREATE TABLE migrations (name text)")
	b := started(t, fromYAML(t, updated))
	require.Equal(t, int64(3), figures(b.last())["shop.orders"])
	require.Contains(t, figures(b.last()), "shop.order.total")
	require.Empty(t, b.said())

	run(t, db, "INSERT INTO migrations VALUES ('guests')")
	run(t, db, "INSERT INTO orders VALUES (4, 8, '2026-02-01 00:00:00', 1, 3, 'a guest')")
	b.scrapes()
	assert.Empty(t, figures(b.last()))
	assert.Equal(t, []any{"shop.opened", "shop.orders", "shop.users"}, attributes(b.last())["headcount.failed_readings"])
	assert.Equal(t, []string{"Failed: mismatches::shop 2: take the profile for shop 2"}, b.said())
	b.scrapes()
	assert.Empty(t, b.said(), "said again")

	run(t, db, "DELETE FROM migrations")
	b.scrapes()
	assert.Equal(t, int64(4), figures(b.last())["shop.orders"])
	assert.Contains(t, figures(b.last()), "shop.order.total", "the event was not passed over")
	assert.Equal(t, []string{"Works again: mismatches::shop 2"}, b.said())
}

// Whoever watches hears why there is nothing, as the preview and a single run say it.
func TestAnotherVersionIsTold(t *testing.T) {
	_, db := newShop(t)
	run(t, db, "CREATE TABLE migrations (name text)")
	run(t, db, "INSERT INTO migrations VALUES ('guests')")
	w := &watching{Extension: trusttest.NewExtension(trust.On), unread: make(chan trust.Unread, 1)}
	b := newBench(t, fromYAML(t, updated), t.TempDir(), w)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	t.Cleanup(b.shutdown)
	assert.Equal(t, []string{"mismatches::shop 2: take the profile for shop 2"}, (<-w.unread).Failures)
}

// Whether a mismatch shows cannot be known where its reading fails: the others say what they find.
func TestAMismatchThatCannotBeReadShowsNone(t *testing.T) {
	newShop(t)
	b := started(t, fromYAML(t, updated))
	assert.Equal(t, int64(3), figures(b.last())["shop.orders"])
	require.Len(t, b.logs.All(), 1)
	assert.Equal(t, "Failed: mismatches::shop 2", b.logs.All()[0].Message)
}

func TestFinds(t *testing.T) {
	for _, value := range []any{true, int64(-1), 0.5, "0023_more"} {
		assert.True(t, finds(value), "%v", value)
	}
	for _, value := range []any{nil, false, int64(0), 0.0} {
		assert.False(t, finds(value), "%v", value)
	}
}
