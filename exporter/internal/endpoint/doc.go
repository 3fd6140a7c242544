// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package endpoint posts stats to a collect endpoint and says what its answers
// mean: for the exporter in the Collector and for the one in a Go program.
package endpoint // import "github.com/headcount-otel/headcount/exporter/internal/endpoint"
