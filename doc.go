// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate .ci/metadata

// Package headcount is the Collector extension that the person who runs the
// application talks to: it answers for consent, and shows what leaves.
package headcount // import "github.com/headcount-otel/headcount"
