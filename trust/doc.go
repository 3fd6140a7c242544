// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package trust is what the components ask of each other: whether the person
// who runs the application consents (Consent), where that person can look up
// what left (Observer), and whether data went through the anonymizer (the mark).
package trust // import "github.com/headcount-otel/headcount/trust"
