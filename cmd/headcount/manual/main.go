// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command manual writes the man pages and the shells' completions of the operator's program into a folder: it is the
// program's own command line that is written down.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra/doc"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/headcount-otel/headcount/cmd/headcount/command"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: manual VERSION FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}

func write(version, folder string) error {
	root := command.New(otelcol.CollectorSettings{BuildInfo: component.BuildInfo{Command: "headcount", Version: version}})
	root.DisableAutoGenTag = true // a date would make each build another one
	for _, page := range append(root.Commands(), root) {
		page.Long = preformatted(page.Long)
	}
	never := time.Unix(0, 0)
	return errors.Join(
		doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "headcount " + version, Date: &never}, folder),
		root.GenBashCompletionFileV2(filepath.Join(folder, "headcount.bash"), true),
		root.GenZshCompletionFile(filepath.Join(folder, "_headcount")),
		root.GenFishCompletionFile(filepath.Join(folder, "headcount.fish"), true),
	)
}

// preformatted marks indented lines as Markdown does, which the man pages are made from: they would flow into one paragraph.
func preformatted(text string) string {
	var marked strings.Builder
	within := false
	for line := range strings.Lines(text) {
		indented := strings.HasPrefix(line, "  ")
		if indented != within {
			marked.WriteString("\n")
		}
		if within = indented; indented {
			marked.WriteString("  ")
		}
		marked.WriteString(line)
	}
	return marked.String()
}
