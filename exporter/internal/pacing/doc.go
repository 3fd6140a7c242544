// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package pacing remembers, for every installation, when each of its stats was
// last accepted, and says when the next one is due. Its memory is a table of a
// hundred bytes an installation and rate group, kept through restarts by a state.Store.
package pacing // import "github.com/headcount-otel/headcount/exporter/internal/pacing"
