// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package npm gets for a test packages from npm.
package npm // import "github.com/headcount-otel/headcount/internal/npm"

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/headcount-otel/headcount/internal/built"
	"github.com/headcount-otel/headcount/internal/debian"
)

// Modules returns a node_modules below root/_build with what the package-lock.json of a folder pins, each package
// by its checksum. Where it cannot be made the test is skipped and says why; in CI it fails.
func Modules(t testing.TB, root, name, folder string) string {
	t.Helper()
	debian.HasProgram(t, "node")
	debian.HasProgram(t, "npm")
	files := map[string][]byte{}
	for _, file := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		files[file] = content
	}
	made := built.Once(t, root, "node", name, string(files["package-lock.json"]), func(into string) {
		for file, content := range files {
			if err := os.WriteFile(filepath.Join(into, file), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		install := exec.Command("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", into)
		if output, err := install.CombinedOutput(); err != nil {
			debian.Lacks(t, "npm cannot install %s: %v\n%s", name, err, output)
		}
	})
	return filepath.Join(made, "node_modules")
}
