// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

func TestRowLevelSecurityIsRefused(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, `CREATE TABLE notes (id int, writer text); INSERT INTO notes SELECT i, 'somebody' FROM generate_series(1, 100) AS n(i);
		ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY own_notes ON notes USING (writer = current_user);
		CREATE TABLE users AS SELECT 1 AS id`)
	o := opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}
	answers := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "notes"}, sqldb.Query{Kind: sqldb.Count, Table: "users"})
	require.ErrorContains(t, answers[0].Err, "row-level security would hide rows")
	require.ErrorContains(t, answers[0].Err, "own_notes")
	assert.Equal(t, int64(1), answers[1].Value)
}

func TestEstimatesThatTheCatalogueDoesNotHave(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE plain (id int)")
		exec(t, o.owner, "INSERT INTO plain VALUES (1), (2), (3)")
		exec(t, o.owner, "CREATE VIEW seen AS SELECT * FROM plain")
		tables := map[string]int64{"plain": 3, "seen": 3}
		switch o.kind {
		case "postgresql":
			exec(t, o.owner, `CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
				INSERT INTO parted SELECT generate_series(0, 99); CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent);
				INSERT INTO parent VALUES (100); INSERT INTO child SELECT generate_series(1, 9);
				CREATE MATERIALIZED VIEW stored AS SELECT * FROM plain;
				CREATE TABLE emptied AS SELECT generate_series(1, 5000) % 1000 AS id; CREATE TABLE refilled AS SELECT generate_series(1, 5000) % 1000 AS id; ANALYZE;
				INSERT INTO plain SELECT generate_series(4, 3000); REFRESH MATERIALIZED VIEW stored;
				CREATE TABLE never AS SELECT generate_series(1, 7) AS id;
				CREATE UNLOGGED TABLE passing AS SELECT generate_series(1, 9) AS id; ANALYZE passing; INSERT INTO passing VALUES (10)`)
			exec(t, o.owner, "TRUNCATE emptied, refilled")
			exec(t, o.owner, "INSERT INTO emptied VALUES (1), (1); INSERT INTO refilled VALUES (1), (2), (3)")
			exec(t, o.owner, "VACUUM refilled") // which counts rows, and no values
			exec(t, o.owner, "ANALYZE plain")
			for _, table := range []string{"plain", "seen", "stored"} {
				tables[table] = 3000
			}
			tables["parted"], tables["parent"], tables["never"], tables["passing"] = 100, 10, 7, 10
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.CountDistinct, Table: "refilled", Column: "id", Estimate: true})[0]
			require.NoError(t, answer.Err)
			assert.Positive(t, answer.Value, "the share of distinct values is old, but there are some")
			if o.foreign(t) {
				tables["far"] = 3000
			}
		case "mariadb":
			exec(t, o.owner, "CREATE TABLE versioned (id int) WITH SYSTEM VERSIONING")
			exec(t, o.owner, "INSERT INTO versioned VALUES (1), (2)")
			for range 50 {
				exec(t, o.owner, "UPDATE versioned SET id = id + 1")
			}
			exec(t, o.owner, "CREATE TABLE parted (id int, KEY (id), n int) PARTITION BY HASH (n) PARTITIONS 8")
			exec(t, o.owner, "INSERT INTO parted SELECT seq % 10, seq FROM seq_1_to_8000")
			exec(t, o.owner, "CREATE TABLE commas (id int NOT NULL) ENGINE = CSV")
			exec(t, o.owner, "INSERT INTO commas SELECT seq FROM seq_1_to_50")
			exec(t, o.owner, "CREATE SEQUENCE counted")
			exec(t, o.owner, "CREATE TABLE begins (id varchar(20), KEY (id(2)))")
			exec(t, o.owner, "INSERT INTO begins SELECT CONCAT('id', seq) FROM seq_1_to_500")
			exec(t, o.owner, "ANALYZE TABLE versioned, parted, commas, begins")
			tables["begins"] = 500
			tables["versioned"], tables["commas"] = 2, 50
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.CountDistinct, Table: "parted", Column: "id", Estimate: true})[0]
			require.NoError(t, answer.Err)
			assert.Equal(t, int64(10), answer.Value, answer.How)
		}
		for table, rows := range tables {
			answers := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: table, Estimate: true},
				sqldb.Query{Kind: sqldb.CountDistinct, Table: table, Column: "id", Estimate: true})
			for _, answer := range answers {
				require.NoError(t, answer.Err)
				assert.Equal(t, rows, answer.Value, "%s: %s", table, answer.How)
			}
		}
	})
}

// foreign makes a table that lies in the same server by way of postgres_fdw, where there is one.
func (o opened) foreign(t *testing.T) bool {
	t.Helper()
	var there bool
	require.NoError(t, o.owner.QueryRow("SELECT COUNT(*) > 0 FROM pg_available_extensions WHERE name = 'postgres_fdw'").Scan(&there))
	if !there {
		return false
	}
	var port, name string
	require.NoError(t, o.owner.QueryRow("SELECT current_setting('port'), current_database()").Scan(&port, &name))
	exec(t, o.owner, fmt.Sprintf(`CREATE EXTENSION postgres_fdw; CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '%s', dbname '%s');
		CREATE USER MAPPING FOR PUBLIC SERVER itself OPTIONS (user 'owner', password '%s');
		CREATE FOREIGN TABLE far (id int) SERVER itself OPTIONS (table_name 'plain'); ANALYZE far; DELETE FROM plain WHERE id = 1; INSERT INTO plain VALUES (1)`, port, name, dbtest.Password))
	return true
}

func TestAnIndexThatCannotServeIsNotWalked(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		index := map[string]string{
			"sqlite":     "CREATE INDEX t_s ON t (s COLLATE NOCASE)",
			"postgresql": "CREATE INDEX t_s ON t (s text_pattern_ops)",
			"mariadb":    "CREATE INDEX t_s ON t (s)",
		}[o.kind]
		exec(t, o.owner, "CREATE TABLE t (s varchar(20))")
		exec(t, o.owner, "INSERT INTO t VALUES ('a'), ('A'), ('b'), (NULL)")
		exec(t, o.owner, index)
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "s"})[0]
		require.NoError(t, answer.Err)
		if o.kind != "mariadb" {
			assert.Equal(t, int64(3), answer.Value)
			assert.Contains(t, answer.How, "a scan")
		}
	})
}

func TestAnotherDatabase(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE others (id int)")
		answers := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "orders"}, sqldb.Query{Kind: sqldb.Count, Table: "users"})
		for _, answer := range answers {
			assert.ErrorContains(t, answer.Err, "none of the tables exists")
		}
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.SQL, Text: "PRAGMA user_version"})[0]
		assert.ErrorContains(t, answer.Err, "`sql` is a PRAGMA")
	})
}

// A long text stays where it is: its length is known without it. A server on this machine has memory of its own.
func TestALongCellCostsNoMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/clear_refs"); err != nil {
		t.Skip("the memory that was used at most is told by Linux alone")
	}
	everywhere(t, func(t *testing.T, o opened) {
		if o.kind != "sqlite" && os.Getenv("HEADCOUNT_PROVE") == "" {
			t.Skip("a server takes seconds to store such a text; make prove does it")
		}
		exec(t, o.owner, "CREATE TABLE t (s "+map[string]string{"sqlite": "text", "postgresql": "text", "mariadb": "longtext"}[o.kind]+", b "+
			map[string]string{"sqlite": "blob", "postgresql": "bytea", "mariadb": "longblob"}[o.kind]+")")
		if o.kind == "mariadb" {
			exec(t, o.owner, "SET GLOBAL max_allowed_packet = 1073741824")
			o.owner.SetMaxIdleConns(0) // a session takes over the new limit when it begins
		}
		exec(t, o.owner, "INSERT INTO t VALUES ("+map[string]string{
			"sqlite": "hex(zeroblob(50000000)), zeroblob(1000000)", "postgresql": "repeat('x', 300000000), decode(repeat('00', 100000000), 'hex')", "mariadb": "REPEAT('x', 300000000), REPEAT('y', 300000000)",
		}[o.kind]+")")
		require.NoError(t, o.owner.Close())
		require.NoError(t, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0))
		before := peak(t)
		queries := []sqldb.Query{{Kind: sqldb.Pick, Table: "t", Column: "s"}, {Kind: sqldb.Pick, Table: "t", Column: "b"}}
		if o.kind != "sqlite" { // which sorts in this process
			queries = append(queries, sqldb.Query{Kind: sqldb.Max, Table: "t", Column: "s"}, sqldb.Query{Kind: sqldb.Count, Table: "t", By: []string{"s"}, Limit: 5})
		}
		for i, answer := range o.read(t, 5*time.Minute, queries...) {
			require.ErrorContains(t, answer.Err, "longer than 256 bytes", i)
		}
		more := peak(t) - before
		t.Logf("%s: %d kB more than before", o.kind, more)
		assert.Less(t, more, 50_000, "kB more than before")
	})
}

// peak is the most memory that this process has used, in kB.
func peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found)
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(t, err)
	return n
}
