// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"math/big"
	"strings"
)

// outputs is the exact probability of each list of reports.
type outputs map[string]*big.Rat

// exactly computes what leaves of histories. What leaves next depends on what was before by the memory
// alone, and the next step of a chain by what the one before it left: so ways that have
// come to the same are one way, and fresh draws do not multiply.
type exactly struct {
	chains   [][]step // the first report's, the second's, and from the first again
	memories map[string]*keepsake
	known    map[asked]map[way]int64
}

// way is where the draws may lead; that it does has a probability, in parts of whole.
type way struct {
	reports string
	value   Value
	outcome Outcome
	memory  *keepsake
	whole   int64
}

// asked is a number that is reported through a chain, and what is remembered then.
type asked struct {
	chain  int
	x      int64
	memory *keepsake
}

// run is the distribution of what leaves of each history.
func run(steps []step, histories ...[]int64) (all []outputs) {
	return runInTurn([][]step{steps}, histories...)
}

// runInTurn is the same of rules that change from report to report.
func runInTurn(chains [][]step, histories ...[]int64) (all []outputs) {
	e := &exactly{chains, map[string]*keepsake{}, map[asked]map[way]int64{}}
	for _, h := range histories {
		all = append(all, e.run(h))
	}
	return all
}

func (e *exactly) run(history []int64) outputs {
	ways := map[way]int64{{memory: e.memory(keepsake{}), whole: 1}: 1}
	for t, x := range history {
		longer := map[way]int64{}
		for before, parts := range ways {
			for after, of := range e.report(asked{t % len(e.chains), x, before.memory}) {
				after.reports, after.whole = before.reports+after.reports, times(before.whole, after.whole)
				longer[after] += parts * of
			}
		}
		ways = longer
	}
	all := outputs{}
	for w, parts := range ways {
		if all[w.reports] == nil {
			all[w.reports] = new(big.Rat)
		}
		all[w.reports].Add(all[w.reports], big.NewRat(parts, w.whole))
	}
	return all
}

// report is what one report may be, and be remembered of it.
func (e *exactly) report(of asked) map[way]int64 {
	if known, met := e.known[of]; met {
		return known
	}
	ways := map[way]int64{{value: Value{Whole: of.x}, memory: of.memory, whole: 1}: 1}
	for _, s := range e.chains[of.chain] {
		ways = e.apply(s, ways)
	}
	reported := map[way]int64{}
	for w, parts := range ways {
		w.reports = fmt.Sprint(w.value.Whole, " ")
		if w.outcome != Passes {
			w.reports = "none "
		}
		w.value, w.outcome = Value{}, Passes
		reported[w] += parts
	}
	e.known[of] = reported
	return reported
}

// apply takes a step on all ways that have come so far.
func (e *exactly) apply(s step, ways map[way]int64) map[way]int64 {
	further := map[way]int64{}
	for before, parts := range ways {
		if before.outcome != Passes {
			further[before] += parts
			continue
		}
		for f, more := (&fork{}), true; more; more = f.next() {
			f.depth, f.keepsake = 0, before.memory.clone()
			key := NewKey(f)
			after, of := before, parts
			after.value, after.outcome = s.apply(before.value, &key)
			after.memory = e.memory(f.keepsake)
			for _, c := range f.path {
				of, after.whole = of*c.outcomes[c.at].num, times(after.whole, c.outcomes[c.at].den)
			}
			further[after] += of
		}
	}
	return further
}

// memory is one for all that remember the same.
func (e *exactly) memory(k keepsake) *keepsake {
	name := fmt.Sprint(k.drawn, k.ranges)
	if e.memories[name] == nil {
		if k.drawn == nil {
			k = keepsake{map[string]int64{}, map[string]int{}}
		}
		e.memories[name] = &k
	}
	return e.memories[name]
}

// times keeps the arithmetic exact: parts are never more than the whole.
func times(a, b int64) int64 {
	if product := a * b; product/b == a {
		return product
	}
	panic("the audit's fractions are too fine: take coarser probabilities")
}

// marginal is the distribution of one report by itself.
func (o outputs) marginal(t int) outputs {
	all := outputs{}
	for reports, p := range o {
		report := strings.Fields(reports)[t]
		if all[report] == nil {
			all[report] = new(big.Rat)
		}
		all[report].Add(all[report], p)
	}
	return all
}

// variation is the total variation distance.
func variation(p, q outputs) *big.Rat {
	sum := new(big.Rat)
	for reports, a := range p {
		b := q[reports]
		if b == nil {
			b = new(big.Rat)
		}
		if d := new(big.Rat).Sub(a, b); d.Sign() > 0 {
			sum.Add(sum, d)
		}
	}
	return sum
}

// excess is the greatest P − r·Q over all events, r = e^ε: above 0, or above δ, the ε is passed.
func excess(p, q outputs, r *big.Rat) *big.Rat {
	sum := new(big.Rat)
	for reports, a := range p {
		d := new(big.Rat).Set(a)
		if b := q[reports]; b != nil {
			d.Sub(d, new(big.Rat).Mul(r, b))
		}
		if d.Sign() > 0 {
			sum.Add(sum, d)
		}
	}
	return sum
}
