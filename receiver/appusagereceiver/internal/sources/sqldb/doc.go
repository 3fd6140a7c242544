// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqldb reads single figures from an application's SQL database: in one
// read-only snapshot, within a deadline, and never more of a text than source.MaxText bytes.
// What differs between PostgreSQL, MySQL and SQLite stands in one file each.
package sqldb // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
