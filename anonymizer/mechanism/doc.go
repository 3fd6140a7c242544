// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package mechanism is the mathematics of the anonymizer alone: functions over
// integers and rationals, their randomness passed in. It knows no OpenTelemetry,
// no clock and no storage.
//
// Rounding and bucketing are disclosure control. Only where a function's
// documentation states an ε is there one.
package mechanism // import "github.com/headcount-otel/headcount/anonymizer/mechanism"
