// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// ratioOf is e^ε of a bound, exactly: of noise, 2 for each unit of scale; of answers, what their parameters say.
func ratioOf(steps []step, b Bound) *big.Rat {
	for _, s := range steps {
		switch s := s.(type) {
		case noise:
			units := b.Epsilon * s.scale.Float() // differences in units of half the probability
			return new(big.Rat).SetInt64(int64(1) << int64(math.Round(units)))
		case oneBit:
			return bestRational(b.Epsilon)
		case randomizedResponse:
			return bestRational(b.Epsilon)
		}
	}
	panic("an ε of nothing that draws")
}

// bestRational is e^ε where that is a fraction of small numbers.
func bestRational(epsilon float64) *big.Rat {
	r := math.Exp(epsilon)
	for den := int64(1); den < 10_000; den++ {
		if num := math.Round(r * float64(den)); math.Abs(r*float64(den)-num) < 1e-9*float64(den) {
			return big.NewRat(int64(num), den)
		}
	}
	panic(fmt.Sprintf("e^%v is no fraction of small numbers", epsilon))
}

// domain has all histories of a length over the numbers 0 … most.
func domain(most int64, length int) (all [][]int64) {
	if length == 0 {
		return [][]int64{nil}
	}
	for _, before := range domain(most, length-1) {
		for x := range most + 1 {
			all = append(all, append(append([]int64(nil), before...), x))
		}
	}
	return all
}

// related reports of which reports (all: -1) of a pair a bound speaks, and how far apart they are.
func (b Bound) related(x, y []int64) (reports []int, apart int64) {
	differ, constant := 0, true
	for i := range x {
		if x[i] != y[i] {
			differ++
			apart = max(apart, x[i]-y[i], y[i]-x[i])
		}
		constant = constant && x[i] == x[0] && y[i] == y[0]
	}
	shifted := true
	for i := range x {
		shifted = shifted && y[i]-x[i] == y[0]-x[0]
	}
	switch {
	case b.Pairs == Shifted && shifted, b.Pairs == Unchanging && constant, b.Pairs == Single && differ <= 1:
		return []int{-1}, apart
	case b.Pairs == Alone:
		for i := range x {
			reports = append(reports, i)
		}
	}
	return reports, apart
}

// computed is what leaves of each history of a chain, in all reports and in each.
type computed struct {
	seen  []outputs
	alone [][]outputs
}

// remembered: what leaves does not depend on what is claimed, so that each fault needs it once more.
var remembered = map[string]*computed{}

func outputsOf(name string, steps []step, histories [][]int64) *computed {
	key := fmt.Sprint(name, len(histories))
	if out, met := remembered[key]; met {
		return out
	}
	out := compute(run(steps, histories...), len(histories[0]))
	if strings.Count(name, ", ") < 2 {
		remembered[key] = out
	}
	return out
}

func compute(seen []outputs, length int) *computed {
	out := &computed{seen, make([][]outputs, len(seen))}
	for i := range seen {
		for t := range length {
			out.alone[i] = append(out.alone[i], seen[i].marginal(t))
		}
	}
	return out
}

// figures are which part of what is claimed is used at most, for each kind of claim.
type figures map[string]float64

func (f figures) note(kind string, used float64) { f[kind] = max(f[kind], used) }

// kindOf names the theorem of which a bound comes, and what the bound is about.
func kindOf(steps []step, b Bound) string {
	pairs := [...]string{Shifted: "histories that differ all the time alike", Unchanging: "numbers that never change", Alone: "each report by itself", Single: "one report that differs"}[b.Pairs]
	for _, s := range steps {
		switch s := s.(type) {
		case noise:
			if s.fresh {
				return "fresh noise, " + pairs
			}
			return "noise, " + pairs
		case stickyRound:
			if b.PerUnit > 1 {
				pairs += ", after a clamp"
			}
			return "sticky rounding, " + pairs
		case oneBit:
			return "one bit, " + pairs
		}
	}
	return pairs
}

// checkBounds compares what is claimed of a chain with what is true, for each pair of histories.
func checkBounds(steps []step, bounds []Bound, histories [][]int64, out *computed) (worst figures, err error) {
	worst = figures{}
	seen, alone := out.seen, out.alone
	for _, b := range bounds {
		var ratio *big.Rat
		if b.Of == 0 {
			ratio = ratioOf(steps, b)
		}
		compared := map[string]bool{}
		for i, x := range histories {
			for j, y := range histories {
				reports, apart := b.related(x, y)
				for _, t := range reports {
					p, q := seen[i], seen[j]
					if t >= 0 {
						pair := fmt.Sprint(x[:t+1], y[:t+1])
						if compared[pair] {
							continue
						}
						compared[pair] = true
						p, q, apart = alone[i][t], alone[j][t], max(x[t]-y[t], y[t]-x[t])
					}
					if b.Within > 0 && apart > b.Within {
						continue
					}
					used, bad := b.holds(p, q, ratio, apart)
					worst.note(kindOf(steps, b), used)
					if bad {
						return worst, fmt.Errorf("%v and %v: claimed %q, used to %.4f", x, y, b, used)
					}
				}
			}
		}
	}
	return worst, nil
}

// holds is which part of the bound is used by a pair, and whether it is passed.
func (b Bound) holds(p, q outputs, ratio *big.Rat, apart int64) (used float64, bad bool) {
	if b.Of > 0 {
		claimed := big.NewRat(b.PerUnit*apart, b.Of)
		if claimed.Cmp(big.NewRat(1, 1)) >= 0 {
			return 0, false
		}
		v := variation(p, q)
		if claimed.Sign() > 0 {
			used, _ = new(big.Rat).Quo(v, claimed).Float64()
		}
		return used, v.Cmp(claimed) > 0
	}
	bad = excess(p, q, ratio).Sign() > 0
	worst := 1.
	for reports, a := range p {
		if c := q[reports]; c != nil && c.Sign() > 0 {
			share, _ := new(big.Rat).Quo(a, c).Float64()
			worst = max(worst, share)
		}
	}
	claimed, _ := ratio.Float64()
	return math.Log(worst) / math.Log(claimed), bad
}
