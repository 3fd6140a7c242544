// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"database/sql"
	"net/url"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/besidefile"
)

// openFile opens a SQLite file so that nothing is left beside it, and nobody has to wait.
func openFile(path string, parameters url.Values) (pool, error) {
	view := besidefile.New(path)
	uri, err := view.URI(parameters)
	if err != nil {
		return pool{}, err
	}
	db, err := sql.Open("sqlite", uri)
	return pool{DB: db, neighbour: view}, err
}
