// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package sqldb

import "os"

// mountedAlone is not to be had here.
func mountedAlone(string) bool { return false }

// usedByAnotherName is not looked for here.
func usedByAnotherName(*os.File, string) bool { return false }
