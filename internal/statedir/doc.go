// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package statedir is the folder in which an installation's state lies: whether
// it can be trusted, which process uses it, and what an earlier life left there.
//
// The records themselves are the storage extension's. What stands beside them
// here is what must not hang on any component's file: the operator's choice, in
// two copies, and the lock.
package statedir // import "github.com/headcount-otel/headcount/internal/statedir"
