// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package timeform reads the forms in which applications write times where no type says that it is one:
// numbers of seconds and their parts, Julian days, and texts. A Form is found by looking at values, or named;
// it turns a value into a time, and a time into the bound from which the form's later values begin,
// so that a database compares in its own column's form and an index serves.
package timeform // import "github.com/headcount-otel/headcount/internal/timeform"
