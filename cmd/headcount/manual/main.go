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
	never := time.Unix(0, 0)
	return errors.Join(
		doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "headcount " + version, Date: &never}, folder),
		root.GenBashCompletionFileV2(filepath.Join(folder, "headcount.bash"), true),
		root.GenZshCompletionFile(filepath.Join(folder, "_headcount")),
		root.GenFishCompletionFile(filepath.Join(folder, "headcount.fish"), true),
	)
}
