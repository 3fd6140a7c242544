// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package mapping makes stats of OpenTelemetry metrics, and metrics of stats, by the
// `stats:` block that the collect exporter and the collect receiver share.
package mapping // import "github.com/headcount-otel/headcount/collect/mapping"
