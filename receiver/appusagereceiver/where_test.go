// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"database/sql"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// TestWhere reads operators as YAML has them.
func TestWhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	run(t, db, "CREATE TABLE account (id integer, role text, size integer, gone datetime)")
	run(t, db, "INSERT INTO account VALUES (1, 'staff', 5, NULL), (2, 'bot', 10, 1715941230123), (3, NULL, NULL, NULL), (4, 'wp_x', 20, NULL)")
	run(t, db, "CREATE TABLE post (author_id integer)")
	run(t, db, "INSERT INTO post VALUES (1), (1), (2), (9)")
	require.NoError(t, db.Close())
	t.Setenv("DATABASE_URL", "sqlite:///"+file)
	got := figures(started(t, fromYAML(t, `
storage: file_storage
sources: {db: {database: {url_env: DATABASE_URL}}}
metrics:
  in:     {source: db, count: {table: account, where: {role: {in: [staff, bot]}}}}
  not:    {source: db, count: {table: account, where: {role: {not: bot}}}}
  real:   {source: db, count: {table: account, where: {role: {not: [bot, null]}}}}
  gone:   {source: db, count: {table: account, where: {gone: {not: null}}}}
  range:  {source: db, count: {table: account, where: {size: {">": 5, "<=": 20}}}}
  prefix: {source: db, count: {table: account, where: {role: {prefix: wp_}}}}
  posts:  {source: db, count: {table: post, where: {author_id: {in: {table: account, column: id, where: {role: staff}}}}}}
  sizes:  {source: db, sum: {table: account, column: size}}
  since:  {source: db, count: {table: account, since: {gone: 50000d}, time: unix_ms}}
`)).last())
	assert.Equal(t, map[string]any{
		"in": int64(2), "not": int64(3), "real": int64(2), "gone": int64(1), "range": int64(2), "prefix": int64(1), "posts": int64(2), "sizes": int64(35), "since": int64(1),
	}, got)
}

// TestWhereTakesUnsignedNumbers: YAML has those beyond 63 bits in another type.
func TestWhereTakesUnsignedNumbers(t *testing.T) {
	var w Where
	require.NoError(t, confmap.NewFromStringMap(map[string]any{"a": uint64(math.MaxUint64), "b": map[string]any{"<": uint64(math.MaxUint64)}}).Unmarshal(&w))
	assert.NoError(t, w.check())
}

func TestWhereIsChecked(t *testing.T) {
	for _, c := range []struct {
		where map[string]any
		why   string
	}{
		{map[string]any{"a": map[string]any{"like": "x"}}, `where::a: unknown operator "like": write one of`},
		{map[string]any{"a": map[string]any{}}, "where::a: write one of `in`"},
		{map[string]any{"a": time.Now()}, "where::a: YAML makes a time of it: write it in quotes"},
		{map[string]any{"a": map[string]any{"in": "x"}}, "where::a: in: write a list"},
		{map[string]any{"a": map[string]any{"in": []any{}}}, "where::a: in: the list is empty"},
		{map[string]any{"a": map[string]any{"<": nil}}, "null is no value to compare with"},
		{map[string]any{"a": map[string]any{"prefix": []any{"x"}}}, "it takes one value"},
		{map[string]any{"a": map[string]any{"in": map[string]any{"table": "t;", "column": "id"}}}, "a table's name is letters"},
	} {
		var w Where
		require.NoError(t, confmap.NewFromStringMap(c.where).Unmarshal(&w))
		assert.ErrorContains(t, w.check(), c.why)
	}
}
