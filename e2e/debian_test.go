// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"os/exec"
	"sync"
	"testing"
)

var aptUpdate = sync.OnceValue(func() error { return exec.Command("apt-get", "update", "-q").Run() })

// needsProgram installs a program from Debian's packages when it is missing. Where it
// cannot be installed the test is skipped and says why; in CI that fails.
func needsProgram(t *testing.T, program, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	install := exec.Command("apt-get", "install", "-y", "-q", "--no-install-recommends", pkg)
	install.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	err := aptUpdate()
	if err == nil {
		err = install.Run()
	}
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing and the package %s cannot be installed: %v", program, pkg, err)
	}
	t.Skipf("SKIP: %s is missing and the package %s cannot be installed here: %v", program, pkg, err)
}
