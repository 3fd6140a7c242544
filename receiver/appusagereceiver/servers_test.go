// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// orders reads one count; its source may be slow by what %s stands for.
const orders = `
timeout: 20s
sources:
  db: {database: {url_env: SHOP_URL}}
resource:
  service.instance.id: {value: shop}
metrics:
  shop.orders: {source: db, count: {table: orders}}
`

// sessions counts what the server still knows of ours.
func sessions(t *testing.T, kind dbtest.Kind, db *sql.DB) (n int) {
	t.Helper()
	text := "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'headcount' AND datname = current_database()"
	if kind.Name == dbtest.MariaDB.Name {
		text = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader' AND db = DATABASE()"
	}
	require.NoError(t, db.QueryRow(text).Scan(&n))
	return n
}

// reads reports that a session of ours is reading the slow view.
func reads(t *testing.T, kind dbtest.Kind, db *sql.DB) bool {
	t.Helper()
	text := "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'headcount' AND datname = current_database() AND wait_event = 'PgSleep'"
	if kind.Name == dbtest.MariaDB.Name {
		text = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'reader' AND db = DATABASE() AND state = 'User sleep'"
	}
	var n int
	require.NoError(t, db.QueryRow(text).Scan(&n))
	return n == 1
}

func assertNothingLeftBehind(t *testing.T, kind dbtest.Kind, db *sql.DB) {
	t.Helper()
	assert.Eventually(t, func() bool { return sessions(t, kind, db) == 0 }, time.Minute, 20*time.Millisecond)
}

func onServers(t *testing.T, test func(t *testing.T, kind dbtest.Kind)) {
	t.Helper()
	for _, kind := range servers {
		t.Run(kind.Name, func(t *testing.T) { test(t, kind) })
	}
}

func TestServerComesAndGoes(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Own(t)
		name, db := server.Database(t)
		db.SetMaxIdleConns(0) // which would not know of the server's end
		run(t, db, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")
		t.Setenv("SHOP_URL", server.URL(dbtest.Reader, name))

		server.Kill()
		b := started(t, fromYAML(t, orders))
		b.scrapes()
		assert.Equal(t, []string{"Failed: sources::db: the server cannot be reached: check its address, and that it runs"}, b.said())

		server.Start(t)
		assert.Equal(t, int64(1), figures(b.scrapes())["shop.orders"])
		assert.Equal(t, []string{"Works again: sources::db"}, b.said())

		password := map[string]string{
			dbtest.PostgreSQL.Name: "ALTER ROLE reader PASSWORD '%s'",
			dbtest.MariaDB.Name:    "ALTER USER reader@'127.0.0.1' IDENTIFIED BY '%s'",
		}[kind.Name]
		run(t, db, fmt.Sprintf(password, "another"))
		b.scrapes()
		b.scrapes()
		said := b.said()
		require.Len(t, said, 1)
		assert.Contains(t, said[0], "Failed: sources::db: the database refuses the user or the password")
		run(t, db, fmt.Sprintf(password, dbtest.Password))
		assert.Equal(t, int64(1), figures(b.scrapes())["shop.orders"])
		assert.Equal(t, []string{"Works again: sources::db"}, b.said())
		assertNothingLeftBehind(t, kind, db)
	})
}

// slow is a view whose one row takes its time.
func slow(t *testing.T, kind dbtest.Kind, db *sql.DB) {
	t.Helper()
	run(t, db, map[string]string{
		dbtest.PostgreSQL.Name: "CREATE VIEW slow AS SELECT o.id FROM orders o, pg_sleep(600)",
		dbtest.MariaDB.Name:    "CREATE VIEW slow AS SELECT id + SLEEP(600) AS id FROM orders",
	}[kind.Name])
}

const slowOrders = orders + "  shop.slow: {source: db, max: {table: slow, column: id}}\n"

func TestServerKilledInTheMiddle(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Own(t)
		name, db := server.Database(t)
		db.SetMaxIdleConns(0) // which would not know of the server's end
		run(t, db, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")
		slow(t, kind, db)
		t.Setenv("SHOP_URL", server.URL(dbtest.Reader, name))
		cfg := fromYAML(t, slowOrders)
		cfg.Timeout = time.Minute
		b := newBench(t, cfg, t.TempDir(), trusttest.NewExtension(trust.On))
		require.NoError(t, b.receiver.Start(t.Context(), b.host))
		defer b.shutdown()
		require.Eventually(t, func() bool { return reads(t, kind, db) }, time.Minute, time.Millisecond)
		server.Kill()
		b.waits()
		assert.Equal(t, int64(1), figures(b.last())["shop.orders"], "what was read before still comes")
		assert.Equal(t, []string{"Failed: sources::db: the connection was lost"}, b.said())

		server.Start(t)
		run(t, db, "DROP VIEW slow")
		assert.Equal(t, int64(1), figures(b.scrapes())["shop.orders"])
		assert.Equal(t, []string{"Failed: metrics::shop.slow: the table does not exist: of another schema than the user's, write `schema.table`", "Works again: sources::db"}, b.said())
	})
}

func TestShutdownInTheMiddle(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Shared(t)
		name, db := server.Database(t)
		run(t, db, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")
		slow(t, kind, db)
		t.Setenv("SHOP_URL", server.URL(dbtest.Reader, name))
		cfg := fromYAML(t, slowOrders)
		cfg.Timeout = 20 * time.Second
		b := newBench(t, cfg, t.TempDir(), trusttest.NewExtension(trust.On))
		require.NoError(t, b.receiver.Start(t.Context(), b.host))
		require.Eventually(t, func() bool { return reads(t, kind, db) }, time.Minute, time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, b.receiver.Shutdown(ctx))
		assert.Empty(t, b.said())
		assert.Empty(t, b.sink.AllMetrics())
		assertNothingLeftBehind(t, kind, db)
	})
}

func TestLockedTable(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Shared(t)
		name, db := server.Database(t)
		run(t, db, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1); CREATE TABLE users (id int)")
		t.Setenv("SHOP_URL", server.URL(dbtest.Reader, name))
		locker, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer func() { _ = locker.Close() }()
		lock, unlock := "LOCK TABLES orders WRITE", "UNLOCK TABLES"
		if kind.Name == dbtest.PostgreSQL.Name {
			lock, unlock = "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", "ROLLBACK"
		}
		_, err = locker.ExecContext(t.Context(), lock)
		require.NoError(t, err)
		cfg := fromYAML(t, orders+"  shop.users: {source: db, count: {table: users}}\n")
		cfg.Timeout = 12 * time.Second
		b := started(t, cfg)
		assert.Equal(t, map[string]any{"shop.users": int64(0)}, figures(b.last()))
		said := b.said()
		require.Len(t, said, 1)
		assert.Contains(t, []string{"Failed: metrics::shop.orders: the table is locked", "Failed: metrics::shop.orders: it took too long: raise `timeout`, or add an index"}, said[0])
		_, err = locker.ExecContext(t.Context(), unlock)
		require.NoError(t, err)
		assert.Equal(t, int64(1), figures(b.scrapes())["shop.orders"])
		assert.Equal(t, []string{"Works again: metrics::shop.orders"}, b.said())
		assertNothingLeftBehind(t, kind, db)
	})
}

func TestScrapeGivesWay(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Shared(t)
		name, db := server.Database(t)
		run(t, db, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")
		slow(t, kind, db)
		t.Setenv("SHOP_URL", server.URL(dbtest.Reader, name))
		cfg := fromYAML(t, slowOrders)
		cfg.Timeout = 6 * time.Second
		b := newBench(t, cfg, t.TempDir(), trusttest.NewExtension(trust.On))
		require.NoError(t, b.receiver.Start(t.Context(), b.host))
		defer b.shutdown()
		require.Eventually(t, func() bool { return reads(t, kind, db) }, time.Minute, time.Millisecond)
		run(t, db, "INSERT INTO orders VALUES (2)")
		assert.Empty(t, b.sink.done, "a reader keeps no writer waiting")
		run(t, db, "ALTER TABLE orders ADD COLUMN note int")
		b.waits()
		assert.NotContains(t, figures(b.last()), "shop.slow")
		assert.Equal(t, []string{"Failed: metrics::shop.slow: it took too long: raise `timeout`, or add an index"}, b.said())
		assertNothingLeftBehind(t, kind, db)
	})
}

// TestSilentNetwork lets the connection stand and carries nothing any more.
func TestSilentNetwork(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Shared(t)
		name, db := server.Database(t)
		run(t, db, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")
		wire := newWire(t, fmt.Sprintf("127.0.0.1:%d", server.Port))
		url := strings.Replace(server.URL(dbtest.Reader, name), fmt.Sprintf("127.0.0.1:%d", server.Port), wire.Addr().String(), 1)
		t.Setenv("SHOP_URL", url)
		cfg := fromYAML(t, orders)
		cfg.Timeout = 5 * time.Second
		b := started(t, cfg)
		assert.Equal(t, int64(1), figures(b.last())["shop.orders"])

		wire.silent <- true
		b.scrapes()
		b.scrapes()
		assert.Equal(t, []string{"Failed: sources::db: the server cannot be reached: check its address, and that it runs"}, b.said())

		wire.silent <- false
		assert.Equal(t, int64(1), figures(b.scrapes())["shop.orders"])
		assert.Equal(t, []string{"Works again: sources::db"}, b.said())
		assertNothingLeftBehind(t, kind, db)
	})
}

// wire carries connections to a server, or swallows what they say.
type wire struct {
	net.Listener
	silent chan bool
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{listener, make(chan bool)}
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		silent := false
		for {
			select {
			case silent = <-w.silent:
			case conn, open := <-accepted:
				if !open {
					return
				}
				if silent {
					go func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() }()
					continue
				}
				to, err := net.Dial("tcp", server)
				if err != nil {
					_ = conn.Close()
					continue
				}
				go func() { _, _ = io.Copy(to, conn); _ = to.Close() }()
				go func() { _, _ = io.Copy(conn, to); _ = conn.Close() }()
			}
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return w
}
