// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each file under testdata/ says in its first lines what `headcount validate` must print:
// `# expect: TEXT` for each text, and `# program: headcount-makers` where it is the makers'. Files in valid/ pass, in warned/ pass with a warning, in invalid/ fail.
func TestValidate(t *testing.T) {
	t.Parallel()
	for folder, verdict := range map[string]struct{ fails, warns bool }{
		"valid":   {},
		"warned":  {warns: true},
		"invalid": {fails: true},
	} {
		files, err := filepath.Glob(filepath.Join(root, "testdata", folder, "*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			t.Run(folder+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				program := operatorsProgram
				if len(expectations(t, file, "program")) > 0 {
					program = makersProgram()
				}
				printed, failed := validateBy(t, program, "--config", "file:"+file)
				assert.Equal(t, verdict.fails, failed, printed)
				if !verdict.fails {
					assert.Equal(t, verdict.warns, strings.Contains(printed, "warning:"), printed)
				}
				expected := expectations(t, file, "expect")
				if verdict.fails || verdict.warns {
					require.NotEmpty(t, expected)
				}
				for _, text := range expected {
					assert.Contains(t, printed, text)
				}
			})
		}
	}
}

func TestProfilesValidateWithoutWarning(t *testing.T) {
	t.Parallel()
	for _, overlays := range [][]string{nil, {"strict"}, {"demo"}, {"strict", "demo"}} {
		args := []string{"--config", "app:sql-explorer"}
		for _, overlay := range overlays {
			args = append(args, "--config", "app:"+overlay)
		}
		printed, failed := validate(t, args...)
		assert.False(t, failed, printed)
		assert.Empty(t, printed)
	}
}

func TestUnknownProfile(t *testing.T) {
	t.Parallel()
	printed, failed := validate(t, "--config", "app:sql-explorr")
	assert.True(t, failed)
	assert.Contains(t, printed, `there is no profile "sql-explorr"`)
	assert.Contains(t, printed, "sql-explorer")
}

func validate(t *testing.T, args ...string) (printed string, failed bool) {
	t.Helper()
	return validateBy(t, operatorsProgram, args...)
}

func validateBy(t *testing.T, program string, args ...string) (printed string, failed bool) {
	t.Helper()
	command := exec.Command(program, append([]string{"validate"}, args...)...)
	command.Env = []string{"DATABASE_URL=sqlite:////nowhere/app.sqlite3"}
	command.Dir = t.TempDir()
	out, err := command.CombinedOutput()
	return string(out), err != nil
}

// expectations are what a file's comments say after a word.
func expectations(t *testing.T, file, word string) []string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var texts []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "# "+word+": "); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
