// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// all runs the suite's benchmarks and writes what they print. A package that is not there, or whose
// benchmarks fail, is said and does not stop the others: its rows say that they were not run.
func (s suite) all(root string, out io.Writer) error {
	binaries, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(binaries)
	for i, r := range s.Runs {
		folder := filepath.Join(root, r.Package)
		if _, err := os.Stat(folder); err != nil {
			fmt.Fprintf(os.Stderr, "%s: not run: %v\n", r.Package, err)
			continue
		}
		if err := r.in(folder, filepath.Join(binaries, strconv.Itoa(i)), out); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", r.Package, err)
		}
	}
	return nil
}

// in builds the package's tests once and runs its benchmarks round by round.
func (r run) in(folder, binary string, out io.Writer) error {
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Dir = folder
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("does not build: %w", err)
	}
	if _, err := os.Stat(binary); err != nil {
		return errors.New("has no tests")
	}
	for range r.Rounds {
		round := exec.Command(binary, "-test.run", "^$", "-test.bench", r.Benchmark, "-test.benchtime", r.Time,
			"-test.count", strconv.Itoa(r.Count), "-test.benchmem", "-test.timeout", "30m")
		round.Dir = folder
		round.Env = os.Environ()
		for name, value := range r.Env {
			round.Env = append(round.Env, name+"="+value)
		}
		round.Stdout, round.Stderr = out, os.Stderr
		if err := round.Run(); err != nil {
			return err
		}
	}
	return nil
}
