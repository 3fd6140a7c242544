// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqlexplorer

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fenced = regexp.MustCompile("(?ms)^([ ]*)```[a-z]+\n(.*?)^[ ]*```$")

// Documented returns the one example in docs/sql-explorer.md that holds the text, so that
// tests do what the document says.
func Documented(t testing.TB, root, text string) string {
	t.Helper()
	document, err := os.ReadFile(filepath.Join(root, "docs", "sql-explorer.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, block := range fenced.FindAllStringSubmatch(string(document), -1) {
		if indent, example := block[1], block[2]; strings.Contains(example, text) {
			found = append(found, strings.ReplaceAll("\n"+example, "\n"+indent, "\n")[1:])
		}
	}
	if len(found) != 1 {
		t.Fatalf("docs/sql-explorer.md has %d examples with %q, not one", len(found), text)
	}
	return found[0]
}
