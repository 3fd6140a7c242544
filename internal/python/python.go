// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package python gets for a test a Python with packages from PyPI.
package python // import "github.com/headcount-otel/headcount/internal/python"

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headcount-otel/headcount/internal/built"
	"github.com/headcount-otel/headcount/internal/debian"
)

// Django are the packages of a Django of this version, with what its cache backends need.
func Django(version string) []string {
	packages := []string{"Django~=" + version + ".0", "redis~=5.0", "pymemcache~=4.0", "pylibmc~=1.6"}
	if version == "3.2" { // it had no backend for Redis yet, and one for memcached more
		packages = append(packages, "django-redis~=5.4", "python-memcached~=1.59")
	}
	return packages
}

// Python makes an environment below root/_build, or finds it made, and returns its Python. Where
// it cannot be made the test is skipped and says why; in CI it fails. Several tests may ask at
// once: the environment is made elsewhere and moved, so use its Python alone, not its scripts,
// which have the other place in their first line.
func Python(t testing.TB, root, name string, packages []string) string {
	t.Helper()
	return Of(t, "python3", root, name, packages)
}

// Newer finds a Python of at least a version such as 3.12; empty where there is none.
func Newer(version string) string {
	home, _ := os.UserHomeDir()
	candidates, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "3.*", "bin", "python3"))
	check := "import sys; sys.exit(sys.version_info < (" + strings.ReplaceAll(version, ".", ",") + "))"
	for _, candidate := range append([]string{"python3", "python" + version}, candidates...) {
		if exec.Command(candidate, "-c", check).Run() == nil {
			return candidate
		}
	}
	return ""
}

// Of is Python with an interpreter of the caller's choice.
func Of(t testing.TB, interpreter, root, name string, packages []string) string {
	t.Helper()
	made := built.Once(t, root, "venv", name, strings.Join(packages, "\n"), func(folder string) {
		const complete = "import ensurepip, venv" // Debian leaves these out of its Python
		debian.Needs(t, func() bool { return exec.Command(interpreter, "-c", complete).Run() == nil }, "python3", "python3-venv")
		for _, command := range [][]string{
			{interpreter, "-m", "venv", folder},
			append([]string{filepath.Join(folder, "bin", "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"}, packages...),
		} {
			if output, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
				debian.Lacks(t, "%s cannot be installed: %v\n%s", packages[0], err, output)
			}
		}
	})
	return filepath.Join(made, "bin", "python")
}
