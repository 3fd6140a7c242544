// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:generate go tool -modfile=../tools/go.mod mdatagen metadata.yaml

package anonymizer // import "github.com/headcount-otel/headcount/anonymizer"
