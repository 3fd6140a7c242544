// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package debian gets for a test the programs that it needs.
package debian // import "github.com/headcount-otel/headcount/internal/debian"

import (
	"os"
	"os/exec"
	"sync"
	"testing"
)

// update refreshes the list of packages once; apt-get runs for one test at a time.
var (
	update = sync.OnceValue(func() error { return apt("update") })
	lock   sync.Mutex
)

// Needs installs packages when what they bring is not there. Where they cannot be had,
// the test is skipped and says why.
func Needs(t testing.TB, there func() bool, packages ...string) {
	t.Helper()
	lock.Lock()
	defer lock.Unlock()
	if there() {
		return
	}
	err := update()
	if err == nil {
		err = apt(append([]string{"install", "-y", "--no-install-recommends"}, packages...)...)
	}
	if err != nil || !there() {
		Lacks(t, "the packages %v are missing and cannot be installed: %v", packages, err)
	}
}

// Lacks skips a test for want of something outside this repository. In CI that is a failure.
func Lacks(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIP: "+format, args...)
}

func apt(args ...string) error {
	command := exec.Command("apt-get", append([]string{"-q"}, args...)...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return command.Run()
}
