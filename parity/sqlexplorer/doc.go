// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqlexplorer runs the real django-sql-explorer, from PyPI, for tests that
// compare with it or stand beside it.
package sqlexplorer // import "github.com/headcount-otel/headcount/parity/sqlexplorer"
