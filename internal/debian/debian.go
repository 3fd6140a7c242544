// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package debian gets for a test the programs that it needs.
package debian // import "github.com/headcount-otel/headcount/internal/debian"

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// tried holds the outcome for packages that were installed, or could not be, in this process.
var (
	lock  sync.Mutex
	tried = map[string]error{}
)

// Needs installs packages when what they bring is not there. Where they cannot be had,
// the test is skipped and says why; in CI it fails.
func Needs(t testing.TB, there func() bool, packages ...string) {
	t.Helper()
	lock.Lock()
	defer lock.Unlock()
	if there() {
		return
	}
	key := strings.Join(packages, " ")
	if _, done := tried[key]; !done {
		tried[key] = install(packages)
	}
	if err := tried[key]; err != nil || !there() {
		Lacks(t, "the packages %s are missing and cannot be installed: %v", key, err)
	}
}

// NeedsProgram installs a package when the program that it brings is not there.
func NeedsProgram(t testing.TB, program, pkg string) {
	t.Helper()
	Needs(t, func() bool { _, err := exec.LookPath(program); return err == nil }, pkg)
}

func install(packages []string) error {
	for _, args := range [][]string{{"update"}, append([]string{"install", "-y", "--no-install-recommends"}, packages...)} {
		// Test packages run side by side, and apt-get does not wait for another one.
		command := exec.Command("flock", append([]string{filepath.Join(os.TempDir(), "headcount-apt.lock"), "apt-get", "-q"}, args...)...)
		// Debian's packages would start a server of their own.
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w: %s", args[0], err, output[max(0, len(output)-300):])
		}
	}
	return nil
}

// Lacks skips a test for want of something outside this repository. In CI that is a failure.
func Lacks(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIP: "+format, args...)
}
