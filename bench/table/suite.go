// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

// suite is what suite.yaml says: what is run, and which rows are made of it.
type suite struct {
	// Modules whose versions the page names.
	Modules []string `yaml:"modules"`
	Runs    []run    `yaml:"runs"`
	Rows    []row    `yaml:"rows"`
}

// run is a package's benchmarks.
type run struct {
	Package   string            `yaml:"package"`   // folder below the repository's
	Benchmark string            `yaml:"benchmark"` // as -bench takes it; all unless told
	Time      string            `yaml:"time"`      // as -benchtime takes it; 1s unless told
	Env       map[string]string `yaml:"env"`
	// Rounds is how often the whole is run: what is compared stands side by side in each.
	Rounds int `yaml:"rounds"`
	// Count repeats each benchmark within a round, for those whose preparation takes long.
	Count int `yaml:"count"`
}

// row is one number of the table.
type row struct {
	What    string  `yaml:"what"`
	Measure measure `yaml:"measure"`
	Ours    figure  `yaml:"ours"`
	Peer    figure  `yaml:"peer"`
	// Ratio is where the benchmark itself compares lap by lap: the unit of what it found.
	Ratio   string   `yaml:"ratio"`
	AtLeast *float64 `yaml:"at_least"`
	AtMost  *float64 `yaml:"at_most"`
	// Why the goal is missed, where that is known: one sentence, shown when it is.
	Why string `yaml:"why"`
}

// figure is where a number comes from.
type figure struct {
	Name      string `yaml:"name"` // of a peer, for the reader
	Package   string `yaml:"package"`
	Benchmark string `yaml:"benchmark"`
	Unit      string `yaml:"unit"` // sec/op unless told
}

// measure is what a row's number means.
type measure string

const (
	faster measure = "faster" // how many times as fast as the peer
	takes  measure = "takes"  // how many times as much as the peer
	share  measure = "share"  // the same as faster, in percent
	value  measure = "value"  // the figure itself
	growth measure = "growth" // the exponent of work in n, where benchmarks are named n=…
)

func load(path string) (s suite, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&s); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	for i := range s.Runs {
		s.Runs[i].defaults()
	}
	for i := range s.Rows {
		if err := s.Rows[i].complete(s); err != nil {
			return s, fmt.Errorf("%s: %q: %w", path, s.Rows[i].What, err)
		}
	}
	return s, nil
}

func (r *run) defaults() {
	r.Rounds, r.Count = max(1, r.Rounds), max(1, r.Count)
	if r.Benchmark == "" {
		r.Benchmark = "."
	}
	if r.Time == "" {
		r.Time = time.Second.String()
	}
}

// complete fills in what goes without saying, and refuses what cannot be.
func (r *row) complete(s suite) error {
	for _, f := range []*figure{&r.Ours, &r.Peer} {
		if f.Unit == "" {
			f.Unit = "sec/op"
		}
	}
	if r.Peer.Package == "" {
		r.Peer.Package = r.Ours.Package
	}
	if r.Peer.Benchmark == "" && r.Ratio != "" {
		r.Peer.Benchmark = r.Ours.Benchmark
	}
	switch r.Measure {
	case faster, takes, share:
		if r.Peer.Benchmark == "" || r.Peer.Name == "" {
			return fmt.Errorf("a row that compares needs peer: {name: …, benchmark: …}")
		}
	case value, growth:
	default:
		return fmt.Errorf("measure %q: write faster, takes, share, value or growth", r.Measure)
	}
	for _, f := range []figure{r.Ours, r.Peer} {
		if !s.runs(f.Package) {
			return fmt.Errorf("nothing is run in %q", f.Package)
		}
	}
	return nil
}

func (s suite) runs(folder string) bool {
	for _, r := range s.Runs {
		if filepath.Clean(r.Package) == filepath.Clean(folder) {
			return true
		}
	}
	return false
}
