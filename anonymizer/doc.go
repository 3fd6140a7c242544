// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../tools/go.mod mdatagen metadata.yaml

// Package anonymizer is a processor that lets nothing through but what a rule
// names, rounded, bucketed or noised as that rule says.
package anonymizer // import "github.com/headcount-otel/headcount/anonymizer"
