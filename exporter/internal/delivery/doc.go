// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package delivery brings a stat to its endpoint, for both exporters: consent, then
// the key of the attempt, then one request, what its answer means, and the note of
// that. It is the only place that says what a status means, and the only order in
// which these steps are taken; what came of it is one Outcome.
package delivery // import "github.com/headcount-otel/headcount/exporter/internal/delivery"
