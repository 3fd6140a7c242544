// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package layers reads what stands behind each --config by itself, with its
// lines, before the Collector merges it all into one: so that a message can name
// the file and the line, and what one file does to those before it can be told.
package layers // import "github.com/headcount-otel/headcount/internal/layers"
