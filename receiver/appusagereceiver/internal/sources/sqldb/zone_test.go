// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// TestZonelessTimesOnAServerOfAnotherZone: they are refused, or read in the zone that is said.
func TestZonelessTimesOnAServerOfAnotherZone(t *testing.T) {
	t.Run("postgresql", func(t *testing.T) {
		server := dbtest.PostgreSQL.Shared(t)
		name, owner := server.Database(t)
		exec(t, owner, "ALTER DATABASE "+name+" SET timezone TO 'Europe/Berlin'")
		exec(t, owner, "CREATE TABLE t (naive timestamp, zoned timestamptz, day date); INSERT INTO t VALUES ('2024-07-01 01:00:00', '2024-07-01 01:00:00+02', '2024-07-01')")
		requireZones(t, opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}, "Europe/Berlin")
	})
	t.Run("mariadb", func(t *testing.T) {
		server := dbtest.MariaDB.Shared(t)
		name, owner := server.Database(t)
		exec(t, owner, "SET GLOBAL time_zone = '+02:00'")
		defer exec(t, owner, "SET GLOBAL time_zone = DEFAULT")
		exec(t, owner, "CREATE TABLE t (naive datetime, zoned timestamp NULL, day date); SET time_zone = '+02:00'; INSERT INTO t VALUES ('2024-07-01 01:00:00', '2024-07-01 01:00:00', '2024-07-01'); SET time_zone = DEFAULT")
		requireZones(t, opened{"mariadb", owner, parse(t, server.URL(dbtest.Reader, name))}, "+02:00")
	})
}

func requireZones(t *testing.T, o opened, zone string) {
	t.Helper()
	at := time.Date(2024, 6, 30, 23, 0, 0, 0, time.UTC)
	pick := func(column string, zone *time.Location) sqldb.Query {
		return sqldb.Query{Kind: sqldb.Min, Table: "t", Column: column, Times: sqldb.Times{Zone: zone}}
	}
	answers := o.read(t, time.Minute, pick("naive", nil), pick("naive", berlin), pick("zoned", nil), pick("day", nil),
		sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"naive": sqldb.Since(at)}},
		sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"naive": sqldb.Since(at)}, Times: sqldb.Times{Zone: berlin}},
	)
	for i, answer := range answers {
		if i == 0 || i == 4 {
			require.ErrorContains(t, answer.Err, "`naive` says no zone, and the server's is "+zone+": write `zone`")
			continue
		}
		require.NoError(t, answer.Err, i)
	}
	assert.Equal(t, at, answers[1].Value)
	assert.Equal(t, at, answers[2].Value)
	assert.Equal(t, time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC), answers[3].Value)
	assert.Equal(t, int64(1), answers[5].Value)
}

// TestUnsetMomentsInTypedColumns: a moment that stands for never is found whatever way the server writes times.
func TestUnsetMomentsInTypedColumns(t *testing.T) {
	test := func(t *testing.T, o opened) {
		t.Helper()
		never, ever := "1900-01-01 00:00:00", time.Date(2024, 5, 17, 10, 0, 0, 0, time.UTC)
		times := sqldb.Times{Unset: &never, Zone: time.UTC}
		for _, column := range []string{"naive", "zoned"} {
			answers := o.read(t, time.Minute,
				sqldb.Query{Kind: sqldb.Min, Table: "t", Column: column, Times: times},
				sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: column, Where: map[string]any{"id": 1}, Times: times},
				sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{column: sqldb.Since(time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC))}, Times: times},
			)
			for i, want := range []source.Value{ever, nil, int64(1)} {
				require.NoError(t, answers[i].Err, column)
				assert.Equal(t, want, answers[i].Value, "%s %d", column, i)
			}
		}
	}
	t.Run("postgresql", func(t *testing.T) {
		server := dbtest.PostgreSQL.Shared(t)
		name, owner := server.Database(t)
		exec(t, owner, "CREATE TABLE t (id int, naive timestamp, zoned timestamptz); SET timezone = 'UTC'; INSERT INTO t VALUES (1, '1900-01-01', '1900-01-01 00:00:00+00'), (2, '2024-05-17 10:00:00', '2024-05-17 10:00:00+00')")
		exec(t, owner, "ALTER DATABASE "+name+" SET datestyle TO 'German'; ALTER DATABASE "+name+" SET timezone TO 'Asia/Tokyo'")
		test(t, opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))})
	})
	t.Run("mariadb", func(t *testing.T) {
		server := dbtest.MariaDB.Shared(t)
		name, owner := server.Database(t)
		exec(t, owner, "CREATE TABLE t (id int, naive datetime(6), zoned datetime)")
		exec(t, owner, "INSERT INTO t VALUES (1, '1900-01-01', '1900-01-01'), (2, '2024-05-17 10:00:00', '2024-05-17 10:00:00')")
		test(t, opened{"mariadb", owner, parse(t, server.URL(dbtest.Reader, name))})
	})
}
