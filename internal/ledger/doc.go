// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package ledger keeps the record of every body that was sent.
package ledger // import "github.com/headcount-otel/headcount/internal/ledger"
