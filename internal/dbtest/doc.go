// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package dbtest starts throwaway database servers for tests: Debian's, on free ports of
// 127.0.0.1, in temporary folders, as a user without rights. Nothing of them survives a power cut.
package dbtest // import "github.com/headcount-otel/headcount/internal/dbtest"
