// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// pages are the documents that a reader is sent to, by their path from the repository's folder.
func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(name, ".") && name != "." || name == "_build"):
			return filepath.SkipDir
		case filepath.Ext(name) == ".md":
			text, err := os.ReadFile(path)
			texts[name] = string(text)
			return err
		}
		return nil
	}))
	require.Greater(t, len(texts), 20)
	return texts
}

// example is a fenced block of YAML. What it is stands behind the language:
//
//	(nothing)        a whole configuration, or what a site adds: then its first line says how it is run
//	of FILE          a part of the FILE that the page's parts make together
//	fragment         some components, merged over testdata/fragment.yaml
//	under PATH       what stands below PATH, merged likewise
//	for PROGRAM      another program's configuration; another test uses it (collector: one that a page builds)
type example struct{ kind, of, text string }

var (
	fence   = regexp.MustCompile("(?ms)^( *)```yaml(?: (of|under|for|fragment) ?(\\S*))?\n(.*?)^ *```$")
	runWith = regexp.MustCompile(`^# (\S+\.yaml):  (headcount(?:-makers)?) (.*)`)
	named   = regexp.MustCompile(`^# (\S+\.ya?ml)\b`)
)

func examples(page string) (all []example) {
	for _, match := range fence.FindAllStringSubmatch(page, -1) {
		text := strings.ReplaceAll("\n"+match[4], "\n"+match[1], "\n")[1:]
		all = append(all, example{match[2], match[3], text})
	}
	return all
}

// filesOf are the configuration files that a page shows, under the names that it gives them; one
// without a name is example.yaml.
func filesOf(page string) map[string]string {
	files := map[string]string{}
	for _, e := range examples(page) {
		switch name := named.FindStringSubmatch(e.text); {
		case e.kind == "of":
			files[e.of] += e.text + "\n"
		case (e.kind == "" || e.of == "collector") && name != nil:
			files[name[1]] = e.text
		case e.kind == "":
			files["example.yaml"] = e.text
		}
	}
	return files
}

// validateIn runs a program's validate where a page's files are.
func validateIn(t *testing.T, program string, files map[string]string, args ...string) (printed string, failed bool) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	for i, arg := range args {
		if name := strings.TrimPrefix(arg, "file:"); files[name] != "" {
			args[i] = "file:" + filepath.Join(folder, name)
		}
	}
	return validateBy(t, program, args...)
}

func TestEachExampleIsValid(t *testing.T) {
	t.Parallel()
	fragment := "file:" + filepath.Join(root, "testdata", "fragment.yaml")
	for name, page := range pages(t) {
		for i, e := range examples(page) {
			var args []string
			program, files := operatorsProgram, map[string]string{"block.yaml": e.text}
			switch run := runWith.FindStringSubmatch(e.text); {
			case e.kind == "for":
				require.NoError(t, yaml.Unmarshal([]byte(e.text), &map[string]any{}), name)
				continue
			case e.kind == "of":
				files = filesOf(page)
				args = []string{"--config", "file:" + e.of}
			case e.kind == "fragment":
				args = []string{"--config", fragment, "--config", "file:block.yaml"}
			case e.kind == "under":
				args = []string{"--config", fragment, "--config", "file:block.yaml"}
				files["block.yaml"] = below(strings.Split(e.of, "::"), e.text)
			case run != nil:
				files = filesOf(page)
				if run[2] != "headcount" {
					program = makersProgram()
				}
				args = strings.Fields(run[3])
			default:
				args = []string{"--config", "file:block.yaml"}
			}
			printed, failed := validateIn(t, program, files, args...)
			assert.False(t, failed, "%s, block %d: %s", name, i+1, printed)
			if e.kind != "fragment" && e.kind != "under" { // what a fragment leads to is not in it
				assert.Empty(t, printed, "%s, block %d", name, i+1)
			}
		}
	}
}

// below nests a text under the keys of a path.
func below(path []string, text string) string {
	for i := len(path) - 1; i >= 0; i-- {
		text = path[i] + ":\n  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
	}
	return text
}

var (
	configs = regexp.MustCompile(`(\S+ )?(?:validate )?((?:--config [^\s` + "`" + `]+ ?)+)`)
	targets = regexp.MustCompile("(?m)(?:`|^    )make ([a-z-]+)")
	paths   = regexp.MustCompile(`(?m)^    .*?(?:^|\s)((?:\./|docs/)[\w./-]*\w)`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Each command that names configurations names such as exist, and they are valid together.
func TestEachCommandIsValid(t *testing.T) {
	t.Parallel()
	seen := 0
	for name, page := range pages(t) {
		files := filesOf(page)
		for _, command := range configs.FindAllStringSubmatch(page, -1) {
			args := strings.Fields(command[2])
			if strings.Contains(command[1], "builder@") || strings.HasPrefix(command[1], "./collector/") {
				continue // another test builds and runs these
			}
			program := operatorsProgram
			if strings.HasSuffix(strings.TrimSpace(command[1]), "headcount-makers") {
				program = makersProgram()
			}
			if written := regexp.MustCompile(`file:(\S+)`).FindStringSubmatch(command[2]); written != nil && strings.Contains(page, ">"+written[1]) {
				continue // the command before it writes the file
			}
			for i, arg := range args {
				file := strings.TrimPrefix(arg, "file:")
				if _, err := os.Stat(filepath.Join(root, file)); err == nil && file != arg {
					args[i] = "file:" + filepath.Join(root, file)
				} else if strings.HasSuffix(file, ".yaml") {
					require.Contains(t, files, file, "%s: %s", name, command[0])
				}
			}
			printed, failed := validateIn(t, program, files, args...)
			assert.False(t, failed, "%s: %s: %s", name, command[0], printed)
			seen++
		}
	}
	require.Greater(t, seen, 20)
}

func TestEachTargetAndFileInACommandExists(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for name, page := range pages(t) {
		for _, target := range targets.FindAllStringSubmatch(page, -1) {
			assert.Contains(t, string(makefile), "\n"+target[1]+":", name)
		}
		for _, path := range paths.FindAllStringSubmatch(page, -1) {
			if strings.HasPrefix(path[1], "./collector/") {
				continue // what ocb makes
			}
			_, fromRoot := os.Stat(filepath.Join(root, path[1]))
			_, fromModule := os.Stat(filepath.Join(root, "bench", path[1]))
			assert.False(t, fromRoot != nil && fromModule != nil, "%s: %s", name, path[1])
		}
	}
}

// Each link within the repository leads to a file, and to a heading in it.
func TestEachLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	seen := 0
	for name, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(page, -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			seen++
			path, anchor, _ := strings.Cut(match[1], "#")
			target := filepath.Join(filepath.Dir(name), path)
			if path == "" {
				target = name
			}
			_, err := os.Stat(filepath.Join(root, target))
			if !assert.NoError(t, err, "%s: %s", name, match[1]) || anchor == "" {
				continue
			}
			text, err := os.ReadFile(filepath.Join(root, target))
			require.NoError(t, err)
			var anchors []string
			for _, title := range heading.FindAllStringSubmatch(string(text), -1) {
				anchors = append(anchors, slug(title[1]))
			}
			assert.Contains(t, anchors, anchor, "%s: %s", name, match[1])
		}
	}
	require.Greater(t, seen, 60)
}

// slug is a heading as GitHub names it in links.
func slug(title string) string {
	return strings.ReplaceAll(regexp.MustCompile(`[^\p{L}\p{N}\- ]`).ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}
