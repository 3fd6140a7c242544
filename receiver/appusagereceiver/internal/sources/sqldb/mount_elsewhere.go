// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package sqldb

// mountedAlone is not to be had here.
func mountedAlone(string) bool { return false }
