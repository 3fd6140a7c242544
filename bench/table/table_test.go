// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const rounds = `pkg: github.com/headcount-otel/headcount/bench/shop
cpu: a processor
postgresql: 15.1
BenchmarkSell/ours-2 100 200 ns/op 7 B/op
BenchmarkSell/the_peer-2 100 800 ns/op
BenchmarkRace-2 10 5 ns/op 0.9 rate-of-bare 40 bare-ns/stat 44 ours-ns/stat
a log's line
BenchmarkGrowth/n=10-2 1 1000 ns/op
BenchmarkGrowth/n=100-2 1 10000 ns/op
BenchmarkGrowth/n=1000-2 1 100000 ns/op
PASS
BenchmarkSell/ours-2 100 100 ns/op 7 B/op
BenchmarkSell/the_peer-2 100 500 ns/op
BenchmarkSell/ours-2 100 300 ns/op 7 B/op
BenchmarkSell/the_peer-2 100 900 ns/op
`

func goal(n float64) *float64 { return &n }

func TestRows(t *testing.T) {
	found, err := read(strings.NewReader(rounds))
	require.NoError(t, err)
	assert.Equal(t, "15.1", found.said["postgresql"])
	ours := figure{Package: "bench/shop", Benchmark: "Sell/ours"}
	peer := figure{Name: "the other", Benchmark: "Sell/the peer"}
	for name, test := range map[string]struct {
		row
		measured, reached string
	}{
		"faster":           {row{Measure: faster, Ours: ours, Peer: peer, AtLeast: goal(4)}, "4× (3× to 5×)", "yes"},
		"not fast enough":  {row{Measure: faster, Ours: ours, Peer: peer, AtLeast: goal(5)}, "4× (3× to 5×)", "**no**, by 20 %"},
		"takes":            {row{Measure: takes, Ours: ours, Peer: peer, AtMost: goal(0.2)}, "0.25× (0.2× to 0.333×)", "**no**, by 25 %"},
		"without a goal":   {row{Measure: takes, Ours: ours, Peer: peer}, "0.25× (0.2× to 0.333×)", ""},
		"the race's ratio": {row{Measure: share, Ours: figure{Package: "bench/shop", Benchmark: "Race", Unit: "ours-ns/stat"}, Peer: figure{Name: "bare", Unit: "bare-ns/stat"}, Ratio: "rate-of-bare", AtLeast: goal(0.85)}, "90.0 %", "yes"},
		"a value":          {row{Measure: value, Ours: figure{Package: "bench/shop", Benchmark: "Sell/ours", Unit: "B/op"}, AtMost: goal(6)}, "7.000B", "**no**, by 17 %"},
		"growth":           {row{Measure: growth, Ours: figure{Package: "bench/shop", Benchmark: "Growth"}, AtMost: goal(1.1)}, "n^1.00", "yes"},
		"too much growth":  {row{Measure: growth, Ours: figure{Package: "bench/shop", Benchmark: "Growth"}, AtMost: goal(0.5)}, "n^1.00", "**no**, by 0.50"},
		"not run":          {row{Measure: faster, Ours: figure{Package: "bench/else", Benchmark: "Sell/ours"}, Peer: peer, AtLeast: goal(4)}, "", "not run"},
	} {
		test.What = name
		require.NoError(t, test.complete(suite{Runs: []run{{Package: "bench/shop"}, {Package: "bench/else"}}}), name)
		o := test.evaluate(found)
		assert.Equal(t, test.measured, o.measuredText(), name)
		assert.Equal(t, test.reached, o.reached(), name)
	}
}

func TestDisplay(t *testing.T) {
	for want, of := range map[string]struct {
		n    float64
		unit string
	}{
		"870.0ms": {0.87, "sec/op"}, "154.0ns": {154e-9, "ns/point"}, "44.00µs": {44e-6, "collect-ns/stat"},
		"60.00MB": {6e7, "resident-B"}, "84.00B": {84, "B/installation"}, "1 allocs": {1, "allocs/op"}, "": {math.NaN(), "sec/op"},
	} {
		assert.Equal(t, want, display(of.n, of.unit))
	}
}

func TestPage(t *testing.T) {
	missed := outcome{row: row{What: "selling", Measure: faster, AtLeast: goal(4), Why: "it is slow", Peer: figure{Name: "the other", Unit: "sec/op"}, Ours: figure{Unit: "sec/op"}}, ours: 2, peer: 4, measured: []float64{2}}
	text, err := write([]byte("before\n"+begin+"\nold\n"+end+"\nafter\n"), "A machine.", []outcome{missed})
	require.NoError(t, err)
	assert.Equal(t, "before\n"+begin+`

A machine.

| what | ours | peer | peer's | measured | goal | reached |
|---|---|---|---|---|---|---|
| selling | 2.000s | the other | 4.000s | 2× | at least 4× | **no**, by 50 % |

- selling: it is slow

`+end+"\nafter\n", string(text))
	_, err = write([]byte("no place"), "", nil)
	require.ErrorContains(t, err, begin)
}

// Rows name benchmarks that are there, in the packages of this folder that are there.
func TestSuiteNamesWhatIsThere(t *testing.T) {
	s, err := load("suite.yaml")
	require.NoError(t, err)
	for _, r := range s.Rows {
		for _, f := range []figure{r.Ours, r.Peer} {
			if !strings.HasPrefix(f.Package, "bench/") {
				continue
			}
			files, err := filepath.Glob(filepath.Join("..", "..", f.Package, "*_test.go"))
			require.NoError(t, err)
			if len(files) == 0 {
				t.Logf("%s: %s has no benchmarks yet", r.What, f.Package)
				continue
			}
			top, _, _ := strings.Cut(f.Benchmark, "/")
			there := top == "" // no peer
			for _, file := range files {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				there = there || strings.Contains(string(text), "func Benchmark"+top+"(")
			}
			assert.True(t, there, "%s: no Benchmark%s in %s", r.What, top, f.Package)
		}
	}
}

func TestBadSuites(t *testing.T) {
	for text, fault := range map[string]string{
		"rows: [{what: a, measur: faster}]":                                 "field measur not found",
		"rows: [{what: a, measure: quicker}]":                               `measure "quicker": write faster`,
		"rows: [{what: a, measure: faster}]":                                "needs peer",
		"rows: [{what: a, measure: value, ours: {package: bench/nowhere}}]": `nothing is run in "bench/nowhere"`,
	} {
		file := filepath.Join(t.TempDir(), "suite.yaml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := load(file)
		require.ErrorContains(t, err, fault)
	}
}
