// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package redissource reads counts and single values from a Redis server, by commands
// that change nothing.
package redissource // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/redissource"
