// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// TestBits: one bit is a boolean, and several are none, of which none is true.
func TestBits(t *testing.T) {
	onServers(t, func(t *testing.T, o opened) { // SQLite has no bits
		exec(t, o.owner, "CREATE TABLE t (id integer, one bit(1), mask bit(8))")
		exec(t, o.owner, "INSERT INTO t VALUES (1, B'1', B'00000001'), (2, B'0', B'00000101'), (3, NULL, NULL)")
		answers := o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("one", sqldb.Is, true)},
			sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "one", Where: tests("id", sqldb.Is, 2)},
			sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "mask"},
		)
		for i, want := range []source.Value{int64(1), false, int64(2)} {
			require.NoError(t, answers[i].Err, i)
			assert.Equal(t, want, answers[i].Value, i)
		}
		masked := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("mask", sqldb.Is, true)})[0]
		if o.kind == "postgresql" {
			require.ErrorContains(t, masked.Err, "where::mask: the value is a boolean and the column of the type bit(8)")
			masked = o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("mask", sqldb.Is, "00000001")})[0]
		}
		require.NoError(t, masked.Err)
		assert.Equal(t, int64(1), masked.Value)
	})
}
