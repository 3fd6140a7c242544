// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

// root is the repository's folder.
var root, _ = filepath.Abs("..")

// TestMain builds the distribution once for all tests; where it is up to date this is a matter of a moment.
func TestMain(m *testing.M) {
	build := exec.Command("make", "-s", "-C", root, "build")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the distribution does not build:", err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}
