// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package parity compares what the real sql-explorer sends about an installation with
// what the distribution sends about the same one.
//
// `go test` plays a few installations of the newest version on SQLite;
// `make parity` plays all versions on all databases.
package parity // import "github.com/headcount-otel/headcount/parity"
