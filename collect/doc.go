// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package collect is the collect wire format: a Stat and its JSON, both ways,
// its JSON schema, and Mapping, which makes stats of OpenTelemetry metrics and
// metrics of stats. README.md describes the format.
package collect // import "github.com/headcount-otel/headcount/collect"
