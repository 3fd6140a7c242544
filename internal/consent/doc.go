// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package consent holds the strictest of all signals: the configuration's mode,
// the environment's variables, and the operator's choice on the page.
package consent // import "github.com/headcount-otel/headcount/internal/consent"
