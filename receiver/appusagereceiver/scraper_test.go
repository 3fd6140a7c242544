// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

const shop = `
storage: file_storage
sources:
  db: {database: {url_env: SHOP_URL}}
resource:
  service.name: {value: shop}
  shop.opened: {source: db, min: {table: orders, column: placed}}
metrics:
  shop.orders: {source: db, count: {table: orders}}
  shop.users: {source: db, count_distinct: {table: orders, column: user_id}}
events:
  shop.order:
    source: db
    newest: {table: orders, by: id, where: {paid: true}}
    metrics:
      shop.order.total: {column: total}
      shop.order.note: {length: note}
`

const shopSchema = `CREATE TABLE orders (id integer PRIMARY KEY, user_id integer, placed datetime, paid bool, total decimal, note text);
INSERT INTO orders VALUES (1, 7, '2025-12-31 23:59:59.5', 1, 12.00, 'één'), (2, 7, '2026-01-01 00:00:00', 1, 2.5, NULL), (3, NULL, NULL, 0, 9, 'unpaid')`

// newShop makes a SQLite database with a few orders, and the variable that points to it.
func newShop(t *testing.T) (path string, db *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shop #1.sqlite3")
	t.Setenv("SHOP_URL", "sqlite:///"+filepath.Dir(path)+"/shop%20%231.sqlite3")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	run(t, db, shopSchema)
	return path, db
}

func run(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	_, err := db.Exec(text)
	require.NoError(t, err)
}

func (b *bench) said() (lines []string) {
	for _, entry := range b.logs.TakeAll() {
		line := entry.Message
		for _, value := range entry.ContextMap() {
			line += ": " + value.(string)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestScrape(t *testing.T) {
	newShop(t)
	b := started(t, fromYAML(t, shop))
	read := attributes(b.last())
	assert.Equal(t, "shop", read["service.name"])
	assert.Equal(t, "2025-12-31T23:59:59.5Z", read["shop.opened"])
	assert.NoError(t, uuid.Validate(read["service.instance.id"].(string)))
	assert.Equal(t, map[string]any{
		"shop.orders": int64(3), "shop.users": int64(1), "shop.order.total": 2.5, "shop.order.note": nil,
	}, figures(b.last()))
	assert.Equal(t, map[string]any{"shop.orders": int64(3), "shop.users": int64(1)}, figures(b.scrapes()), "the same event does not come twice")
	assert.Equal(t, read["service.instance.id"], attributes(b.last())["service.instance.id"])
}

func TestIDAndCursorSurviveRestart(t *testing.T) {
	newShop(t)
	folder := t.TempDir()
	ids, events := map[any]bool{}, 0
	for range 2 {
		b := newBench(t, fromYAML(t, shop), folder, trusttest.NewExtension(trust.On))
		require.NoError(t, b.receiver.Start(t.Context(), b.host))
		b.waits()
		ids[attributes(b.last())["service.instance.id"]] = true
		if _, came := figures(b.last())["shop.order.total"]; came {
			events++
		}
		b.shutdown()
		b.shutdown()
	}
	assert.Len(t, ids, 1)
	assert.Equal(t, 1, events)
}

func TestFailuresAreSaidOncePerChange(t *testing.T) {
	path, db := newShop(t)
	b := started(t, fromYAML(t, shop))
	require.Empty(t, b.said())

	run(t, db, "ALTER TABLE orders RENAME COLUMN placed TO placed_at")
	for range 3 {
		rm := b.scrapes()
		assert.NotContains(t, attributes(rm), "shop.opened")
		assert.Equal(t, []any{"shop.opened"}, attributes(rm)["headcount.failed_readings"])
		assert.Equal(t, int64(3), figures(rm)["shop.orders"])
	}
	assert.Equal(t, []string{"Failed: resource::shop.opened: the column does not exist"}, b.said())

	run(t, db, "ALTER TABLE orders RENAME COLUMN placed_at TO placed; ALTER TABLE orders RENAME TO hidden")
	b.scrapes()
	assert.Empty(t, figures(b.scrapes()))
	assert.Equal(t, []string{
		"Failed: resource::shop.opened: the table does not exist: of another schema than the user's, write `schema.table`",
		"Failed: metrics::shop.orders: the table does not exist: of another schema than the user's, write `schema.table`",
		"Failed: metrics::shop.users: the table does not exist: of another schema than the user's, write `schema.table`",
		"Failed: events::shop.order: the table does not exist: of another schema than the user's, write `schema.table`",
	}, b.said())

	run(t, db, "ALTER TABLE hidden RENAME TO orders")
	b.scrapes()
	assert.Len(t, b.said(), 4)
	b.scrapes()
	assert.Empty(t, b.said())

	require.NoError(t, os.Rename(path, path+".away"))
	for range 3 {
		assert.Empty(t, figures(b.scrapes()))
	}
	assert.Equal(t, []string{"Failed: sources::db: the database file " + path + " does not exist"}, b.said())
	assert.NoFileExists(t, path)

	require.NoError(t, os.WriteFile(path, []byte("this is no database, and longer than a header would be............................................................"), 0o600))
	b.scrapes()
	assert.Equal(t, []string{"Failed: sources::db: " + path + " is no SQLite file, or it is encrypted (SQLCipher, SEE): only plain ones can be read"}, b.said())

	require.NoError(t, os.Rename(path+".away", path))
	assert.Equal(t, int64(3), figures(b.scrapes())["shop.orders"])
	assert.Equal(t, []string{"Works again: sources::db"}, b.said())
}

// A reading that succeeds, and gives a text where a metric is a number, fails once and not in every scrape.
func TestATextForAMetricIsSaidOnce(t *testing.T) {
	newShop(t)
	b := started(t, fromYAML(t, `
sources: {db: {database: {url_env: SHOP_URL}}}
resource: {service.instance.id: {value: shop}}
metrics: {shop.note: {source: db, sql: SELECT note FROM orders WHERE id = 1}}
`))
	require.Equal(t, []string{"Failed: metrics::shop.note: " + errText.Error()}, b.said())
	b.scrapes()
	assert.Empty(t, b.said())
}

func TestIDIsNotGeneratedAfterFailedReading(t *testing.T) {
	_, db := newShop(t)
	b := started(t, fromYAML(t, `
storage: file_storage
sources: {db: {database: {url_env: SHOP_URL}}}
resource: {service.instance.id: {source: db, pick: {table: site, column: id}}}
metrics: {shop.orders: {source: db, count: {table: orders}}}
`))
	assert.NotContains(t, attributes(b.last()), "service.instance.id")
	run(t, db, "CREATE TABLE site (id text)")
	generated := attributes(b.scrapes())["service.instance.id"]
	assert.NoError(t, uuid.Validate(generated.(string)))
	run(t, db, "INSERT INTO site VALUES ('mine')")
	assert.Equal(t, "mine", attributes(b.scrapes())["service.instance.id"])
	run(t, db, "INSERT INTO site VALUES ('yours')")
	assert.NotContains(t, attributes(b.scrapes()), "service.instance.id")
	said := b.said()
	assert.Equal(t, "Failed: resource::service.instance.id: several rows match: narrow `where`", said[len(said)-1])
}

func TestRefusedEventComesAgainOnce(t *testing.T) {
	_, db := newShop(t)
	b := started(t, fromYAML(t, shop))
	run(t, db, "INSERT INTO orders VALUES (4, 8, NULL, 1, 77, 'x')")
	b.sink.refuse = errors.New("not now")
	b.scrapes()
	b.scrapes()
	assert.Equal(t, []string{"Failed: pipeline: the pipeline refused a scrape: what it had of events comes again"}, b.said())
	b.sink.refuse = nil
	assert.Equal(t, int64(77), figures(b.scrapes())["shop.order.total"])
	assert.NotContains(t, figures(b.scrapes()), "shop.order.total")
}

// fragile is a storage extension that fails on command.
type fragile struct {
	component.StartFunc
	component.ShutdownFunc
	storage.Client
	mu     sync.Mutex
	kept   map[string][]byte
	broken bool
	opened int
	// saved tells of each try to save a cursor.
	saved chan struct{}
}

func (f *fragile) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	f.opened++
	return f, nil
}

func (f *fragile) Get(_ context.Context, key string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept[key], nil
}

func (f *fragile) Set(_ context.Context, key string, value []byte) error {
	if f.saved != nil && strings.HasPrefix(key, "event/") {
		defer func() { f.saved <- struct{}{} }()
	}
	if f.broken {
		return errors.New("disk full")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept[key] = value
	return nil
}

func (f *fragile) Batch(_ context.Context, operations ...*storage.Operation) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range operations {
		delete(f.kept, o.Key)
	}
	return nil
}

func (f *fragile) keeps(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, kept := f.kept[key]
	return kept
}

func (f *fragile) Close(context.Context) error { return nil }

func TestFailedSaveBringsEventAgainOnce(t *testing.T) {
	_, db := newShop(t)
	b := newBench(t, fromYAML(t, shop), t.TempDir(), trusttest.NewExtension(trust.On))
	disk := &fragile{kept: map[string][]byte{}, saved: make(chan struct{}, 1)}
	b.host.WithExtension(storageID, disk)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	b.waits()
	<-disk.saved
	defer b.shutdown()
	run(t, db, "INSERT INTO orders VALUES (4, 8, NULL, 1, 77, 'x')")
	for _, broken := range []bool{true, true, false} {
		disk.broken = broken
		assert.Equal(t, int64(77), figures(b.scrapes())["shop.order.total"])
		<-disk.saved
	}
	assert.NotContains(t, figures(b.scrapes()), "shop.order.total")
}

func TestGarbledStateIsAnErrorAtStart(t *testing.T) {
	newShop(t)
	for _, key := range []string{"instance_id", "event/shop.order"} {
		b := newBench(t, fromYAML(t, shop), t.TempDir(), trusttest.NewExtension(trust.On))
		b.host.WithExtension(storageID, &fragile{kept: map[string][]byte{key: []byte("{")}})
		assert.ErrorContains(t, b.receiver.Start(t.Context(), b.host), key)
		b.shutdown()
	}
}

func TestUnsetVariableIsAnErrorAtStart(t *testing.T) {
	b := newBench(t, fromYAML(t, shop), t.TempDir(), trusttest.NewExtension(trust.On))
	assert.ErrorContains(t, b.receiver.Start(t.Context(), b.host), "sources::db: url_env: the environment variable SHOP_URL is not set")
	b.shutdown()
}

func TestOffReadsAndOpensNothing(t *testing.T) {
	newShop(t)
	cfg := fromYAML(t, shop)
	cfg.Consent = &consentID
	mode := trusttest.NewExtension(trust.Off)
	b := newBench(t, cfg, t.TempDir(), mode)
	disk := &fragile{kept: map[string][]byte{}}
	b.host.WithExtension(storageID, disk)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	defer b.shutdown()
	b.ticks <- b.zero()
	b.ticks <- b.zero()
	assert.Zero(t, disk.opened)
	assert.Empty(t, b.sink.AllMetrics())

	mode.SetMode(trust.Local)
	assert.Equal(t, int64(3), figures(b.scrapes())["shop.orders"])
	assert.Equal(t, 1, disk.opened)
}

func TestWithdrawalDiscardsGeneratedID(t *testing.T) {
	newShop(t)
	cfg := fromYAML(t, shop)
	cfg.Consent = &consentID
	mode := trusttest.NewExtension(trust.On)
	b := newBench(t, cfg, t.TempDir(), mode)
	disk := &fragile{kept: map[string][]byte{}}
	b.host.WithExtension(storageID, disk)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	b.waits()
	before := attributes(b.last())["service.instance.id"]

	require.NoError(t, mode.Withdraw(t.Context()))
	assert.False(t, disk.keeps("instance_id"))
	mode.SetMode(trust.On)
	assert.NotEqual(t, before, attributes(b.scrapes())["service.instance.id"])
	b.shutdown()
	assert.Zero(t, mode.Listening())
}
