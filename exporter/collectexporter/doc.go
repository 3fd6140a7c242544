// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../../tools/go.mod mdatagen metadata.yaml

// Package collectexporter sends usage statistics as collect JSON: each stat when
// it is due, once, and only what passed the anonymizer.
package collectexporter // import "github.com/headcount-otel/headcount/exporter/collectexporter"
