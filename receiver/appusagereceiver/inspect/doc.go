// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package inspect looks at a database as somebody does who is about to write a
// profile: at its schema, and of its rows only at counts, at numbers of distinct
// values and at the form of single values, by bounded looks. No value of a row
// leaves this package.
package inspect // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
