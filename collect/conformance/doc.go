// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package conformance checks a collect endpoint, whoever wrote it, against the
// wire format that collect/README.md describes:
//
//	go test ./collect/conformance -endpoint http://127.0.0.1:4390/stat
//
// It posts stats that the endpoint must accept, and requests that it must
// refuse with the right status, in one line of JSON that repeats nothing of the
// request. The endpoint has to know the stat that it is tried with: `-accepted`
// names a file with a body that it accepts.
package conformance // import "github.com/headcount-otel/headcount/collect/conformance"
