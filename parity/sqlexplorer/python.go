// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqlexplorer

import (
	"path/filepath"
	"testing"

	"github.com/headcount-otel/headcount/internal/python"
)

// Python is an environment in which one version of the app is installed.
type Python struct {
	version Version
	site    string // the folder of the site's modules
	program string
}

// Install installs a version of the app from PyPI, into a folder below root/_build that
// is kept for the next time. Where that cannot be done the test is skipped and says why;
// in CI it fails.
func Install(t testing.TB, root string, version Version) Python {
	t.Helper()
	packages := append([]string{
		"django-sql-explorer==" + version.App,
		"Django~=" + version.Django + ".0",
		"psycopg2-binary~=2.9",
		"PyMySQL~=1.1",
	}, version.Requires...)
	return Python{
		version: version,
		site:    filepath.Join(root, "parity", "site"),
		program: python.Python(t, root, "sql-explorer-"+version.App, packages),
	}
}
