// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package debian gets for a test the programs that it needs. It is the one place
// that asks for them: a test that runs a program of this machine calls Needs or
// NeedsProgram first.
package debian // import "github.com/headcount-otel/headcount/internal/debian"

import (
	_ "embed"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Permission is the environment variable that says what tests may do beside
// compiling: "use" runs programs that are on this machine (make test sets it),
// "install" also installs Debian packages that are missing (.ci/run sets it).
// Without it, as in `go test ./...`, tests that need a program are skipped.
const Permission = "HEADCOUNT_PROGRAMS"

//go:embed packages.txt
var list string

// Packages are the names of all packages that tests may need.
func Packages() (names []string) {
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		names = append(names, strings.Fields(line)...)
	}
	return names
}

// Needs has the test go on when what packages bring is there, or can be
// installed and may be. Elsewhere the test is skipped and says why; in CI it fails.
func Needs(t testing.TB, there func() bool, packages ...string) {
	t.Helper()
	for _, name := range packages {
		if !slices.Contains(Packages(), name) {
			t.Fatalf("package %s is not in internal/debian/packages.txt: add it, with what needs it", name)
		}
	}
	wanted := strings.Join(packages, ", ")
	asksPermission(t, wanted)
	switch {
	case there():
	case os.Getenv(Permission) == "install":
		if err := install(packages); err != nil || !there() {
			Lacks(t, "%s cannot be installed: %v", wanted, err)
		}
	default:
		Lacks(t, "%s is not here: `make packages` installs all that tests need", wanted)
	}
}

// asksPermission skips a test that runs programs where that was not said to be wanted.
func asksPermission(t testing.TB, of string) {
	t.Helper()
	if os.Getenv(Permission) == "" && os.Getenv("CI") == "" {
		t.Skipf("SKIP: it runs programs of %s: `make test` does, or %s=use", of, Permission)
	}
}

// NeedsProgram is Needs for one program and the package that brings it.
func NeedsProgram(t testing.TB, program, pkg string) {
	t.Helper()
	Needs(t, func() bool { _, err := exec.LookPath(program); return err == nil }, pkg)
}

// HasProgram has the test go on when a program is there that Debian's packages do not bring in the version that it takes.
func HasProgram(t testing.TB, program string) {
	t.Helper()
	asksPermission(t, program)
	if _, err := exec.LookPath(program); err != nil {
		Lacks(t, "%s is not here, and Debian's is too old or too large", program)
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
