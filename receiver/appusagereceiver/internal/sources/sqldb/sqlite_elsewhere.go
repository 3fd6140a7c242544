// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package sqldb

import (
	"database/sql"
	"net/url"
	"strings"
)

// openFile opens a SQLite file as an ordinary reader: in WAL mode it needs -wal and -shm files, and
// makes them where it may. Whether somebody waits it cannot tell, so that each turn has its end.
func openFile(path string, parameters url.Values) (pool, error) {
	parameters.Set("mode", "ro")
	location := url.URL{Path: path}
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(location.EscapedPath(), "./")+"?"+parameters.Encode())
	return pool{DB: db, neighbour: unseen{}}, err
}

// unseen is whoever may be waiting.
type unseen struct{}

func (unseen) Waiting() bool { return true }

func (unseen) Current() bool { return true }

func (unseen) Insist() {}

func (unseen) Close() {}
