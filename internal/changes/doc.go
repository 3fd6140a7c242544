// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package changes tells what files change against the profile below them: which fields leave
// rounder, exact, no more or for the first time, and which reports leave more often.
package changes // import "github.com/headcount-otel/headcount/internal/changes"
