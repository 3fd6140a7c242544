// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"maps"
	"strings"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// The audits run the real steps on every history of a small domain, once for every way in
// which the draws can come out, and so know the exact probability of everything that may
// leave. Only the noise's distribution stands for the real one: two-sided geometric with
// half the probability at each step further, e^ε = 2 for a difference of 1, where the
// real one has e^(1/scale); its tails are cut by a clamp after it, which is a function of
// what was drawn. All arithmetic is on whole numbers.

// reach is where the noise's tails begin.
const reach = 5

// keepsake is what a chain remembers from report to report: what was drawn once, and the ranges.
type keepsake struct {
	drawn  map[string]int64
	ranges map[string]int
}

func (k keepsake) clone() keepsake { return keepsake{maps.Clone(k.drawn), maps.Clone(k.ranges)} }

// fork is a memory that takes, one after another, every way through the draws.
type fork struct {
	keepsake

	path  []choice
	depth int
}

// choice is one draw: which of its outcomes holds now.
type choice struct {
	at       int
	outcomes []weighted
}

// weighted is an outcome and its probability, as a fraction.
type weighted struct {
	value    int64
	num, den int64
}

func outcomesOf(d Distribution) (all []weighted) {
	coin := func(num, den int64) []weighted {
		if num == 0 {
			return []weighted{{0, 1, 1}}
		}
		return []weighted{{0, den - num, den}, {1, num, den}}
	}
	switch d := d.(type) {
	case uniform:
		for i := range int64(d) {
			all = append(all, weighted{i, 1, int64(d)})
		}
		return all
	case laplace:
		den := int64(3) << reach
		for n := int64(-reach); n <= reach; n++ {
			weight := int64(1) << (reach - max(n, -n))
			if n == reach || n == -reach {
				weight = 2 // and all beyond
			}
			all = append(all, weighted{n, weight, den})
		}
		return all
	case bernoulli:
		return coin(int64(d.Num), int64(d.Den))
	case oneBitAnswer:
		a, b, m := int64(d.Zero.Num), int64(d.Zero.Den), d.Max
		return coin(a*m+d.rounded*(b-2*a), b*m)
	case permanentBit:
		num := int64(d.F.Num)
		if d.truth {
			num = 2*int64(d.F.Den) - num
		}
		return coin(num, 2*int64(d.F.Den))
	default:
		panic(fmt.Sprintf("the audit does not know what %T draws: list its outcomes here", d))
	}
}

func (f *fork) Fresh(d Distribution) int64 {
	if f.depth == len(f.path) {
		f.path = append(f.path, choice{outcomes: outcomesOf(d)})
	}
	c := f.path[f.depth]
	f.depth++
	return c.outcomes[c.at].value
}

func (f *fork) Sticky(d Distribution, of Question) int64 {
	key := strings.Join(of.Parts(), "\x00")
	if drawn, met := f.drawn[key]; met {
		return drawn
	}
	f.drawn[key] = f.Fresh(d)
	return f.drawn[key]
}

func (f *fork) Range(b mechanism.Buckets, of Question, x int64) int {
	name := strings.Join(of.Parts(), "\x00")
	before, met := f.ranges[name]
	if !met {
		before = b.Index(x)
	}
	f.ranges[name] = b.Next(before, x)
	return f.ranges[name]
}

func (f *fork) Rename(Pseudonym, *Key, string) string { panic("no number is renamed") }

// next goes on to the next way, and reports whether there is one.
func (f *fork) next() bool {
	for len(f.path) > 0 {
		last := &f.path[len(f.path)-1]
		if last.at++; last.at < len(last.outcomes) {
			return true
		}
		f.path = f.path[:len(f.path)-1]
	}
	return false
}
