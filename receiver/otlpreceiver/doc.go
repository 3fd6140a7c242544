// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlpreceiver is the Collector's otlp receiver under consent: while usage
// statistics are off it opens no port. Where nobody is asked it is the Collector's,
// and nothing else.
package otlpreceiver // import "github.com/headcount-otel/headcount/receiver/otlpreceiver"
