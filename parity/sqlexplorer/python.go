// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqlexplorer

import (
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headcount-otel/headcount/internal/debian"
)

// Python is an environment in which one version of the app is installed.
type Python struct {
	version Version
	site    string // the folder of the site's modules
	folder  string // the virtual environment
}

// Install installs a version of the app from PyPI, into a folder below root/_build that
// is kept for the next time. Where that cannot be done the test is skipped and says why;
// in CI it fails.
func Install(t testing.TB, root string, version Version) Python {
	t.Helper()
	requirements := append([]string{
		"django-sql-explorer==" + version.App,
		"Django~=" + version.Django + ".0",
		"psycopg2-binary~=2.9",
		"PyMySQL~=1.1",
	}, version.Requires...)
	hash := fnv.New32a()
	fmt.Fprint(hash, requirements)
	cache := filepath.Join(root, "_build", "parity")
	python := Python{
		version: version,
		site:    filepath.Join(root, "parity", "site"),
		folder:  filepath.Join(cache, fmt.Sprintf("%s-%x", version.App, hash.Sum32())),
	}
	if _, err := os.Stat(python.folder); err == nil {
		return python
	}
	const complete = "import ensurepip, venv" // Debian leaves these out of its Python
	debian.Needs(t, func() bool { return exec.Command("python3", "-c", complete).Run() == nil }, "python3", "python3-venv")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	unfinished, err := os.MkdirTemp(cache, "unfinished-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(unfinished)
	for _, command := range [][]string{
		{"python3", "-m", "venv", unfinished},
		append([]string{filepath.Join(unfinished, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, requirements...),
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			debian.Lacks(t, "%s: %v\n%s", strings.Join(command, " "), err, out)
		}
	}
	if err := os.Rename(unfinished, python.folder); err != nil && !os.IsExist(err) { // another test was quicker
		t.Fatal(err)
	}
	return python
}
