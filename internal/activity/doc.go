// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package activity remembers what the components do beside their deliveries:
// the last reading of each field, where exporters send, and what they do not send.
package activity // import "github.com/headcount-otel/headcount/internal/activity"
