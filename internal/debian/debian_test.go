// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPackagesAreInOrderAndSayWhatNeedsThem(t *testing.T) {
	assert.IsIncreasing(t, Packages())
	for line := range strings.Lines(list) {
		assert.Contains(t, line, "# ", line)
	}
}

// direct finds a program that is run by name.
var direct = regexp.MustCompile(`exec\.(?:Command|LookPath)\("([a-z0-9-]+)"|exec\.CommandContext\([^"\n]*, "([a-z0-9-]+)"`)

// everywhere are programs that the two commands need themselves, or that Debian's base system cannot be without.
var everywhere = map[string]bool{"go": true, "make": true, "git": true, "sh": true, "bash": true, "tar": true, "mount": true, "umount": true, "flock": true}

// TestProgramsAreAskedFor finds tests that run a program and ask for none of its package.
func TestProgramsAreAskedFor(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (strings.HasPrefix(name, "_") || (strings.HasPrefix(name, ".") && path != root) || name == "debian" || name == "findings") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, found := range direct.FindAllStringSubmatch(string(source), -1) {
			if program := found[1] + found[2]; !everywhere[program] {
				assert.Regexp(t, `debian\.(Needs|HasProgram)`, string(source), "%s runs %s: ask internal/debian for it first", strings.TrimPrefix(path, root), program)
			}
		}
		return err
	}))
}
