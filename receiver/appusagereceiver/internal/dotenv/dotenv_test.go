// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dotenv

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// outside has one variable in the environment, as the recording has.
func outside(t *testing.T) {
	t.Helper()
	lookupEnv = func(name string) (string, bool) { return "here", name == "OUTSIDE" }
	t.Cleanup(func() { lookupEnv = os.LookupEnv })
}

// TestAsReaders compares with what python-dotenv 1.2.4 and dotenv 18.0.10 of Node.js found themselves, which
// testdata/record.sh records: every variable that one of them finds is found, with the value of python-dotenv,
// or where that finds none with Node's.
func TestAsReaders(t *testing.T) {
	outside(t)
	text, err := os.ReadFile("testdata/golden.json")
	require.NoError(t, err)
	var files []struct {
		Text   string
		Python map[string]*string
		Node   map[string]string
	}
	require.NoError(t, json.Unmarshal(text, &files))
	require.Greater(t, len(files), 1000)
	for _, file := range files {
		f := Parse([]byte(file.Text))
		want := file.Node
		for name, value := range file.Python {
			want[name] = ""
			if value != nil {
				want[name] = *value
			}
		}
		assert.ElementsMatch(t, keys(want), f.Names(), "%q", file.Text)
		for name, value := range want {
			got, found, err := f.Variable(name)
			if f.unresolved[name] {
				require.Error(t, err)
				continue
			}
			require.NoError(t, err, "%q", file.Text)
			assert.True(t, found, "%q: %s", file.Text, name)
			assert.Equal(t, value, got, "%q: %s", file.Text, name)
		}
	}
}

func keys(of map[string]string) (all []string) {
	for name := range of {
		all = append(all, name)
	}
	return all
}

// TestRecording records anew, and finds what is recorded.
func TestRecording(t *testing.T) {
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: it installs the two readers: make prove")
	}
	for _, program := range []string{"node", "npm", "python3"} {
		if _, err := exec.LookPath(program); err != nil {
			debian.Lacks(t, "%s is not here", program)
		}
	}
	fresh := filepath.Join(t.TempDir(), "golden.json")
	output, err := exec.Command("sh", "testdata/record.sh", fresh).CombinedOutput()
	require.NoError(t, err, string(output))
	want, err := os.ReadFile("testdata/golden.json")
	require.NoError(t, err)
	got, err := os.ReadFile(fresh)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestDoubt(t *testing.T) {
	outside(t)
	f := Parse([]byte("A=1\nVERSION 5.3\nB=${NOWHERE}\n[VERSIONS]\n"))
	_, _, err := f.Variable("VERSION")
	require.EqualError(t, err, "line 2 cannot be read, and it may hold the variable: correct the line")
	_, _, err = f.Variable("B")
	require.ErrorIs(t, err, errReference)
	_, found, err := f.Variable("MISSING")
	require.NoError(t, err)
	assert.False(t, found)
}

func FuzzParse(f *testing.F) {
	f.Add("A=1\nB='x\ny' # c\n", "A")
	f.Fuzz(func(_ *testing.T, text, name string) {
		_, _, _ = Parse([]byte(text)).Variable(name)
	})
}
