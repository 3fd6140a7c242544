// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package collectmetric reports anonymous usage statistics from a Go program that
// has no Collector: an exporter for go.opentelemetry.io/otel/sdk/metric, with the
// rules, the format, the pacing and the state of the Collector's components.
//
// The reader calls [Exporter.Export] again and again, most times in vain: a stat
// leaves when its interval has passed since the endpoint last accepted one, across
// restarts, and once for all processes that share a state directory. Until then an
// Export is a comparison of times. Nothing leaves that no rule names; what the
// rules are is said by a profile ([WithProfile]), the same YAML that the Collector
// reads, or by [WithRule], [WithAttributeRule] and [WithResourceRule].
//
// Consent is asked before anything else. With DO_NOT_TRACK=1, HEADCOUNT_MODE=off
// or [WithConsent] saying so, no file is opened, no name looked up and no
// connection made.
//
// It never slows or stops its host: it has no goroutine, an Export ends with its
// context, a panic does not leave it, and what fails is told once through
// [go.opentelemetry.io/otel.Handle] and tried again later.
package collectmetric // import "github.com/headcount-otel/headcount/exporter/collectmetric"
