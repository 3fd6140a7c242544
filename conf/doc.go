// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package conf decodes configuration as Headcount's components want it: maps
// whose entries a later file can take away (Map), and structs that refuse keys
// that they do not have (Unmarshal); and it lays what a converter knows over it
// (Overlay).
//
// Both are here only until confmap does the same; with
// https://github.com/open-telemetry/opentelemetry-collector/issues/15907 solved
// this package can be deleted.
package conf // import "github.com/headcount-otel/headcount/conf"
