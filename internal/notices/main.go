// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command notices prints the licences of all modules whose packages are in a program, each text once, with the
// modules that it covers and where their sources are: go run ./internal/notices cmd/headcount
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

type module struct{ Path, Version, Dir string }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: notices FOLDER-OF-A-PROGRAM")
		os.Exit(2)
	}
	modules, err := linked(context.Background(), os.Args[1])
	if err == nil {
		err = write(os.Stdout, modules)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// linked are the modules of a program, other than our own, and Go itself, whose library is in each.
func linked(ctx context.Context, folder string) ([]module, error) {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Module", ".")
	list.Dir, list.Stderr = folder, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w", folder, err)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	all := []module{{Path: "std", Version: runtime.Version(), Dir: strings.TrimSpace(string(root))}}
	for packages := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ Module *module }
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if p.Module != nil && !strings.HasPrefix(p.Module.Path, "github.com/headcount-otel/") && !slices.Contains(all, *p.Module) {
			all = append(all, *p.Module)
		}
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// licence matches what a module's root says about who may do what.
var licence = regexp.MustCompile(`(?i)^(un)?(licen[sc]e|copying|notice|patents)([.-].*)?$`)

// write prints each text once. A module without one is an error: nobody may pass it on.
func write(out io.Writer, modules []module) error {
	covers := map[string][]module{}
	var texts []string
	var missing []string
	for _, m := range modules {
		entries, err := os.ReadDir(m.Dir)
		if err != nil {
			return err
		}
		found := false
		for _, entry := range entries {
			if entry.IsDir() || !licence.MatchString(entry.Name()) || filepath.Ext(entry.Name()) == ".go" {
				continue
			}
			content, err := os.ReadFile(filepath.Join(m.Dir, entry.Name()))
			if err != nil {
				return err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
			if covers[text] == nil {
				texts = append(texts, text)
			}
			covers[text] = append(covers[text], m)
			found = true
		}
		if !found {
			missing = append(missing, m.Path)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("no licence found of %s", strings.Join(missing, ", "))
	}
	fmt.Fprintf(out, "This program contains %d modules of others. Their licences and notices follow.\n", len(modules))
	for _, text := range texts {
		fmt.Fprintf(out, "\n%s\n\n", strings.Repeat("=", 80))
		for _, m := range covers[text] {
			fmt.Fprintf(out, "%s %s: https://pkg.go.dev/%s@%s\n", m.Path, m.Version, m.Path, m.Version)
		}
		fmt.Fprintf(out, "\n%s\n", text)
	}
	return nil
}
