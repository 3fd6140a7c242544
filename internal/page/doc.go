// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package page serves the operator's page and the JSON API under it.
package page // import "github.com/headcount-otel/headcount/internal/page"
