// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

func TestServersServe(t *testing.T) {
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			for range 2 {
				_, db := kind.Shared(t).Database(t)
				_, err := db.Exec("CREATE TABLE a (b int); INSERT INTO a VALUES (1)")
				require.NoError(t, err)
			}
		})
	}
}
