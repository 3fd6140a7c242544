// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Command table runs the benchmarks that suite.yaml names and writes the table of bench/README.md:
// every number that this project has set itself as a goal, beside what was measured.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	only := flag.String("only", "", "run only the packages in whose folder's name this stands; rows of others say that they were not run")
	again := flag.Bool("again", false, "make the table of the last run's results, and run nothing")
	flag.Parse()
	if err := table(*only, *again); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// table is run in bench/.
func table(only string, again bool) error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	s, err := load(filepath.Join("table", "suite.yaml"))
	if err != nil {
		return err
	}
	kept := filepath.Join(root, "_build", "bench.txt") // benchstat compares two of these
	if !again {
		if err := s.only(only).record(root, kept); err != nil {
			return err
		}
	}
	file, err := os.Open(kept)
	if err != nil {
		return err
	}
	defer file.Close()
	found, err := read(file)
	if err != nil {
		return err
	}
	machine, err := s.machine(root, found)
	if err != nil {
		return err
	}
	outcomes := make([]outcome, len(s.Rows))
	for i, r := range s.Rows {
		outcomes[i] = r.evaluate(found)
		if len(outcomes[i].measured) == 0 {
			fmt.Fprintf(os.Stderr, "not run: %s (%s: %s)\n", r.What, r.Ours.Package, r.Ours.Benchmark)
		}
	}
	before, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	after, err := write(before, machine, outcomes)
	if err != nil {
		return err
	}
	return os.WriteFile("README.md", after, 0o644)
}

func (s suite) only(folder string) suite {
	var kept []run
	for _, r := range s.Runs {
		if strings.Contains(r.Package, folder) {
			kept = append(kept, r)
		}
	}
	s.Runs = kept
	return s
}

// record runs all, and keeps what they print.
func (s suite) record(root, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := s.all(root, io.MultiWriter(file, os.Stdout)); err != nil {
		return err
	}
	return file.Close()
}
