// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package collect is the collect wire format: a Stat and its JSON, both ways, its
// limits and its JSON schema. It needs no Collector: mapping, the package below it,
// makes stats of OpenTelemetry metrics and back. README.md describes the format.
package collect // import "github.com/headcount-otel/headcount/collect"
