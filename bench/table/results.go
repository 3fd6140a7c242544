// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchunit"
)

const module = "github.com/headcount-otel/headcount"

// key is a number of a benchmark.
type key struct{ folder, benchmark, unit string }

// results are all numbers, in the order in which they came: the n-th of two benchmarks came in the same round.
type results struct {
	values map[key][]float64
	// said is what benchmarks say of what they ran against, such as a server's version.
	said map[string]string
}

func read(text io.Reader) (results, error) {
	r := results{map[key][]float64{}, map[string]string{}}
	reader := benchfmt.NewReader(text, "results")
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue // a line of something else, such as a log
		}
		folder := strings.TrimPrefix(result.GetConfig("pkg"), module+"/")
		for _, v := range result.Values {
			at := key{folder, name(result.Name), v.Unit}
			r.values[at] = append(r.values[at], v.Value)
		}
		for _, c := range result.Config {
			r.said[c.Key] = string(c.Value)
		}
	}
	return r, reader.Err()
}

// name leaves out how many processors there were.
func name(full benchfmt.Name) string {
	base, parts := full.Parts()
	name := string(base)
	for _, part := range parts {
		if part[0] == '/' {
			name += string(part)
		}
	}
	return name
}

// of are the numbers of a figure, in its benchmark's base unit.
func (r results) of(f figure) []float64 {
	_, unit := benchunit.Tidy(1, f.Unit)
	return r.values[key{path.Clean(f.Package), strings.ReplaceAll(f.Benchmark, " ", "_"), unit}]
}

var sized = regexp.MustCompile(`^(?:n=)?(\d+)$`)

// sizes are the numbers of a figure by their n.
func (r results) sizes(f figure) map[float64][]float64 {
	_, unit := benchunit.Tidy(1, f.Unit)
	found := map[float64][]float64{}
	for at, values := range r.values {
		rest, ok := strings.CutPrefix(at.benchmark, f.Benchmark+"/")
		if !ok || at.folder != path.Clean(f.Package) || at.unit != unit {
			continue
		}
		if n := sized.FindStringSubmatch(rest); n != nil {
			size, _ := strconv.ParseFloat(n[1], 64)
			found[size] = values
		}
	}
	return found
}
