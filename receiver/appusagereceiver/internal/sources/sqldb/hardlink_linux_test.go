// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// TestAnotherNameOfTheFile: beside a hard link stands no log, so that the file would be that of an earlier day.
func TestAnotherNameOfTheFile(t *testing.T) {
	o := inSQLite(t)
	o.owner.SetMaxOpenConns(1)
	var path string
	require.NoError(t, o.owner.QueryRow("SELECT file FROM pragma_database_list").Scan(&path))
	exec(t, o.owner, "CREATE TABLE t AS SELECT 1 AS id")
	exec(t, o.owner, "PRAGMA wal_checkpoint")
	exec(t, o.owner, "INSERT INTO t VALUES (2)")
	link := path + ".link"
	require.NoError(t, os.Link(path, link))
	other := parse(t, "sqlite:///"+link)
	_, err := other.Open(t.Context())
	require.ErrorContains(t, err, "in use by another name of the file (a hard link)")

	// Nobody has it open now, and the log is in the file.
	require.NoError(t, o.owner.Close())
	o.database = other
	answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t"})[0]
	require.NoError(t, answer.Err)
	assert.Equal(t, int64(2), answer.Value)
}
