// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/aclements/go-moremath/fit"
	"golang.org/x/perf/benchmath"
)

// outcome is what a row's benchmarks gave.
type outcome struct {
	row
	ours, peer float64   // medians
	measured   []float64 // one for each round
}

func (r row) evaluate(from results) outcome {
	o := outcome{row: r}
	ours := from.of(r.Ours)
	o.ours = median(ours)
	switch {
	case r.Measure == growth:
		o.ours = math.NaN()
		o.measured = exponents(from.sizes(r.Ours))
	case r.Measure == value: // a peer's stands beside it
		o.measured, o.peer = ours, median(from.of(r.Peer))
	case r.Ratio != "":
		o.peer = median(from.of(r.Peer))
		o.measured = from.of(figure{Package: r.Ours.Package, Benchmark: r.Ours.Benchmark, Unit: r.Ratio})
	default:
		peer := from.of(r.Peer)
		o.peer = median(peer)
		for i := range min(len(ours), len(peer)) {
			ratio := peer[i] / ours[i]
			if r.Measure == takes {
				ratio = 1 / ratio
			}
			o.measured = append(o.measured, ratio)
		}
	}
	return o
}

// median of no numbers is none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	const confidence = 0.95
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(sample, confidence).Center
}

// exponents fits n^e to the time that n took, by least squares of the logarithms, in each round.
func exponents(times map[float64][]float64) (found []float64) {
	rounds := math.MaxInt
	for _, values := range times {
		rounds = min(rounds, len(values))
	}
	if len(times) < 3 {
		return nil
	}
	for round := range rounds {
		var ns, ts []float64
		for n, values := range times {
			ns, ts = append(ns, math.Log(n)), append(ts, math.Log(values[round]))
		}
		found = append(found, fit.PolynomialRegression(ns, ts, nil, 1).Coefficients[1])
	}
	return found
}

// reached says whether the goal is, or by how much it is missed. A row without a goal says nothing.
func (o outcome) reached() string {
	got := median(o.measured)
	missed := func(goal float64) string {
		if o.Measure == growth {
			return fmt.Sprintf("**no**, by %.2f", math.Abs(got-goal))
		}
		return fmt.Sprintf("**no**, by %.0f %%", 100*math.Abs(got/goal-1))
	}
	switch {
	case math.IsNaN(got):
		return "not run"
	case o.AtLeast != nil && got < *o.AtLeast:
		return missed(*o.AtLeast)
	case o.AtMost != nil && got > *o.AtMost:
		return missed(*o.AtMost)
	case o.AtLeast != nil || o.AtMost != nil:
		return "yes"
	}
	return ""
}
