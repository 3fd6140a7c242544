// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package rule holds the anonymizer's rules for numbers and texts: what each reads
// from a configuration, what it does to a value, and what that promises. A rule is one
// file here, and one line where an entry lists its parts (Number.parts, Text.parts).
package rule // import "github.com/headcount-otel/headcount/anonymizer/rule"
