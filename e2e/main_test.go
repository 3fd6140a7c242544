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

// TestMain builds the operator's program once for all tests; where it is up to date this is a matter of a moment.
func TestMain(m *testing.M) {
	if endpoint := os.Getenv(goProgram); endpoint != "" {
		runGoProgram(endpoint, os.Getenv(goProgramState))
		return
	}
	if err := makeTarget("build"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// makeTarget lets make bring a program up to date.
func makeTarget(target string) error {
	command := exec.Command("make", "-s", "-C", root, target)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("make %s: %w", target, err)
	}
	return nil
}
