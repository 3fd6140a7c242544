// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// read asks in a session of its own.
func (o opened) read(t *testing.T, limit time.Duration, queries ...sqldb.Query) []source.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	session, err := o.database.Open(ctx)
	require.NoError(t, err)
	defer session.Close()
	return session.Read(ctx, queries)
}

func TestReadingsAgreeWhileOthersWrite(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE a (id bigint)")
		exec(t, o.owner, "CREATE TABLE b (id bigint)")
		stop := make(chan struct{})
		written := make(chan struct{}, 1)
		var writers sync.WaitGroup
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				transaction, err := o.owner.Begin()
				if !assert.NoError(t, err) {
					return
				}
				change := fmt.Sprintf("INSERT INTO %%s VALUES (%d)", i)
				if i%7 == 6 {
					change = fmt.Sprintf("DELETE FROM %%s WHERE id < %d", i-3)
				}
				for _, table := range []string{"a", "b"} {
					_, err = transaction.Exec(fmt.Sprintf(change, table))
					assert.NoError(t, err)
				}
				assert.NoError(t, transaction.Commit())
				select {
				case written <- struct{}{}:
				default:
				}
			}
		})
		for range 30 {
			<-written
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			session, err := o.database.Open(ctx)
			require.NoError(t, err)
			first := session.Read(ctx, []sqldb.Query{{Kind: sqldb.Count, Table: "a"}, {Kind: sqldb.Max, Table: "a", Column: "id"}})
			// What the writer does in between must not show.
			<-written
			<-written
			second := session.Read(ctx, []sqldb.Query{{Kind: sqldb.Count, Table: "b"}, {Kind: sqldb.Max, Table: "b", Column: "id"}})
			assert.Equal(t, first, second)
			session.Close()
			cancel()
		}
		close(stop)
		writers.Wait()
	})
}

func TestHostileReadingsHarmNoOther(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		text := map[string]string{"sqlite": "text", "postgresql": "text", "mariadb": "longtext"}[o.kind]
		exec(t, o.owner, "CREATE TABLE t (id bigint, s "+text+")")
		exec(t, o.owner, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
		exec(t, o.owner, "CREATE TABLE big (s "+text+")")
		exec(t, o.owner, map[string]string{
			"sqlite":     "INSERT INTO big VALUES (hex(zeroblob(50000000)))",
			"postgresql": "INSERT INTO big VALUES (repeat('x', 100000000))",
			"mariadb":    "SET GLOBAL max_allowed_packet = 1073741824",
		}[o.kind])
		if o.kind == "mariadb" {
			// A session takes over the new limit when it begins; below it, the text doubles.
			o.owner.SetMaxIdleConns(0)
			exec(t, o.owner, "INSERT INTO big VALUES (REPEAT('x', 100000000))")
		}
		forever := map[string]string{
			"sqlite":     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n",
			"postgresql": "SELECT 1 FROM pg_sleep(600)",
			"mariadb":    "SELECT SLEEP(600)",
		}[o.kind]
		numbers := map[string]string{
			"sqlite":     "CREATE TABLE million AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT i FROM n",
			"postgresql": "CREATE TABLE million AS SELECT generate_series(1, 1000000) AS i",
			"mariadb":    "CREATE TABLE million AS SELECT seq AS i FROM seq_1_to_1000000",
		}[o.kind]
		exec(t, o.owner, numbers)
		refusals := []struct {
			query sqldb.Query
			why   string
		}{
			{sqldb.Query{Kind: sqldb.SQL, Text: "DELETE FROM t"}, "the database does not understand the statement"},
			{sqldb.Query{Kind: sqldb.SQL, Text: "SELECT 1; DELETE FROM t"}, "`sql` is one statement without a semicolon"},
			{sqldb.Query{Kind: sqldb.SQL, Text: "SELECT id, s FROM t"}, "`sql` gives several columns: select one"},
			{sqldb.Query{Kind: sqldb.SQL, Text: "SELECT id FROM t"}, "several rows match: narrow `where`"},
			{sqldb.Query{Kind: sqldb.SQL, Text: "SELECT s FROM big"}, "the text is longer than 256 bytes"},
			{sqldb.Query{Kind: sqldb.Pick, Table: "big", Column: "s"}, "the text is longer than 256 bytes"},
			{sqldb.Query{Kind: sqldb.Count, Table: "million", By: []string{"i"}, Limit: 100}, "there are more than 100 groups: raise `limit`, or group by another column"},
			{sqldb.Query{Kind: sqldb.Count, Table: "missing"}, "the table does not exist"},
			{sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "missing"}, "the column does not exist"},
			{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"missing": 1}}, "the column does not exist"},
		}
		var queries []sqldb.Query
		for _, r := range refusals {
			queries = append(queries, r.query, sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "id"})
		}
		for i, got := range o.read(t, 2*time.Minute, queries...) {
			if i%2 == 1 {
				assert.NoError(t, got.Err)
				assert.Equal(t, int64(2), got.Value)
				continue
			}
			if !assert.Error(t, got.Err, "%+v", queries[i]) {
				continue
			}
			if (queries[i].By != nil || queries[i].Table == "big") && strings.HasPrefix(got.Err.Error(), "it took too long") {
				// All groups are made before they are counted, and a text is measured: on a slow machine the time is up first.
				continue
			}
			assert.Contains(t, got.Err.Error(), refusals[i/2].why, "%+v", queries[i])
		}
		// What never ends takes half of the time that there is, so it has less.
		answers := o.read(t, 12*time.Second, sqldb.Query{Kind: sqldb.SQL, Text: forever}, queries[1])
		require.ErrorContains(t, answers[0].Err, "it took too long")
		require.NoError(t, answers[1].Err)
		assert.Equal(t, int64(2), answers[1].Value)
	})
}

func TestCountsAreCheap(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE log (id bigint PRIMARY KEY, u bigint, s varchar(20), unindexed bigint)")
		exec(t, o.owner, "CREATE INDEX log_u ON log (u)")
		exec(t, o.owner, map[string]string{
			"sqlite":     "INSERT INTO log WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i, NULLIF(i % 21, 0), 'x', i % 5 FROM n",
			"postgresql": "INSERT INTO log SELECT i, NULLIF(i % 21, 0), 'x', i % 5 FROM generate_series(1, 100000) i",
			"mariadb":    "INSERT INTO log SELECT seq, NULLIF(seq % 21, 0), 'x', seq % 5 FROM seq_1_to_100000",
		}[o.kind])
		exec(t, o.owner, map[string]string{"sqlite": "ANALYZE", "postgresql": "ANALYZE log", "mariadb": "ANALYZE TABLE log"}[o.kind])
		walk, scan := "the database's own way", "a scan (indexed: false"
		switch o.kind {
		case "postgresql":
			walk = "a walk along the index"
		case "mariadb":
			scan = "the database's own way"
		}
		answers := o.read(
			t, time.Minute,
			sqldb.Query{Kind: sqldb.CountDistinct, Table: "log", Column: "u"},
			sqldb.Query{Kind: sqldb.CountDistinct, Table: "log", Column: "unindexed"},
			sqldb.Query{Kind: sqldb.Count, Table: "log"},
			sqldb.Query{Kind: sqldb.Count, Table: "log", Where: map[string]any{"u": 3}},
			sqldb.Query{Kind: sqldb.Count, Table: "log", Where: map[string]any{"u": nil}},
			sqldb.Query{Kind: sqldb.Count, Table: "log", Estimate: true},
			sqldb.Query{Kind: sqldb.CountDistinct, Table: "log", Column: "u", Estimate: true},
		)
		assert.Equal(t, source.Answer{Value: int64(20), How: walk}, answers[0])
		assert.Equal(t, int64(5), answers[1].Value)
		assert.Contains(t, answers[1].How, scan)
		assert.Equal(t, source.Answer{Value: int64(100_000), How: "a pass shared by 3 counts"}, answers[2])
		assert.Equal(t, int64(4762), answers[3].Value)
		assert.Equal(t, int64(4761), answers[4].Value)
		if o.kind != "sqlite" {
			assert.Equal(t, "the planner's estimate", answers[5].How)
			assert.Equal(t, "the planner's estimate", answers[6].How)
		}
		assert.InDelta(t, 100_000, answers[5].Value, 10_000)
		assert.InDelta(t, 20, answers[6].Value, 25)

		// Where every value is another one, a walk is the longer way.
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.CountDistinct, Table: "log", Column: "id"})[0]
		assert.Equal(t, int64(100_000), answer.Value)
		if o.kind == "postgresql" {
			assert.Contains(t, answer.How, "a scan (indexed: true")
		}
	})
}

func TestSessionIsReadOnly(t *testing.T) {
	_, owner := dbtest.PostgreSQL.Shared(t).Database(t)
	exec(t, owner, "CREATE TABLE t (id int); CREATE FUNCTION sneak() RETURNS int LANGUAGE sql VOLATILE AS 'DELETE FROM t; SELECT 1'; INSERT INTO t VALUES (1)")
	var name string
	require.NoError(t, owner.QueryRow("SELECT current_database()").Scan(&name))
	o := opened{"postgresql", owner, parse(t, dbtest.PostgreSQL.Shared(t).URL(dbtest.Owner, name))}
	answers := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.SQL, Text: "SELECT sneak()"}, sqldb.Query{Kind: sqldb.Count, Table: "t"})
	assert.EqualError(t, answers[0].Err, "it would write, and the session is read-only")
	assert.Equal(t, int64(1), answers[1].Value)
}

func TestNumbersPastInt32(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, "CREATE TABLE t (id bigint); INSERT INTO t VALUES (9223372036854775807); ANALYZE t; UPDATE pg_class SET reltuples = 3e9, relpages = 0 WHERE relname = 't'")
	o := opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}
	answers := o.read(t, time.Minute,
		sqldb.Query{Kind: sqldb.Count, Table: "t", Estimate: true},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT SUM(n) FROM (VALUES (2147483648), (2147483648)) v(n)"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT 9223372036854775808::numeric"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT 'NaN'::float8"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT 'NaN'::numeric"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT '\\x00'::bytea"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT 0.1::real"},
		sqldb.Query{Kind: sqldb.SQL, Text: "SELECT DATE '2026-01-01'"},
	)
	want := []source.Value{int64(3e9), int64(4294967296), 9223372036854775808.0, nil, nil, nil, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", 0.1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i, value := range want {
		assert.Equal(t, value, answers[i].Value, i)
		assert.Equal(t, value == nil, answers[i].Err != nil, i)
	}
}

// Two small tables side by side have more rows than an int32 counts. It takes minutes: HEADCOUNT_PROVE=1.
func TestRowsPastInt32(t *testing.T) {
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("counting two thousand million rows takes minutes; make prove does it")
	}
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, `CREATE TABLE a AS SELECT i::int FROM generate_series(1, 65536) AS n(i);
		CREATE TABLE b AS SELECT i::int FROM generate_series(1, 32769) AS n(i); ANALYZE;
		CREATE VIEW orders AS SELECT b.i % 2 = 0 AS paid FROM a CROSS JOIN b`)
	o := opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}
	answers := o.read(t, 30*time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "orders"},
		sqldb.Query{Kind: sqldb.Count, Table: "orders", Where: map[string]any{"paid": false}})
	for i, rows := range []int64{65536 * 32769, 65536 * 16385} {
		require.NoError(t, answers[i].Err)
		assert.Equal(t, rows, answers[i].Value)
		assert.Equal(t, "a pass shared by 2 counts", answers[i].How)
	}
	assert.Greater(t, answers[0].Value, int64(math.MaxInt32))
}

func TestSchemaInName(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, `CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO reader; CREATE TABLE app."Odd-Name" ("Ünï" int); CREATE INDEX ON app."Odd-Name" ("Ünï"); INSERT INTO app."Odd-Name" VALUES (1), (1), (NULL)`)
	o := opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}
	answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.CountDistinct, Table: "app.Odd-Name", Column: "Ünï"})[0]
	assert.Equal(t, source.Answer{Value: int64(1), How: "a walk along the index"}, answer)
}
