// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package draft writes the first version of a maker's profile from a database's
// schema and a few bounded looks at its rows, none of which it prints. What it
// leaves out stands in comments with the reason, so that a maker ships it after
// deleting lines, and adds what only a maker knows.
package draft // import "github.com/headcount-otel/headcount/internal/draft"
