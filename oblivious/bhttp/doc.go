// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package bhttp writes and reads HTTP messages in binary (RFC 9292), as they
// stand inside an Oblivious HTTP message (RFC 9458). It writes messages of known
// length alone, and reads those of known and of indeterminate length. Trailers
// are read past: nothing that reports a statistic has any.
package bhttp // import "github.com/headcount-otel/headcount/oblivious/bhttp"
