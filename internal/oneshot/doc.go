// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package oneshot ends a program that was started for one thing once that is done.
package oneshot // import "github.com/headcount-otel/headcount/internal/oneshot"
