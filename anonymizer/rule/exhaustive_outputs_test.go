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

// run is the distribution of what leaves of a history.
func run(steps []step, history []int64) outputs {
	chain := &Chain{steps: steps}
	weights := map[string]map[int64]int64{} // by denominator
	f := &fork{}
	for {
		f.depth, f.drawn, f.ranges = 0, map[string]int64{}, map[string]int{}
		key := NewKey(f)
		reports := ""
		for _, x := range history {
			v, outcome := chain.Apply(Value{Whole: x}, &key)
			if outcome != Passes {
				reports += "none "
			} else {
				reports += fmt.Sprint(v.Whole, " ")
			}
		}
		num, den := int64(1), int64(1)
		for _, c := range f.path {
			num, den = num*c.outcomes[c.at].num, den*c.outcomes[c.at].den
		}
		if weights[reports] == nil {
			weights[reports] = map[int64]int64{}
		}
		weights[reports][den] += num
		if !f.next() {
			break
		}
	}
	all := outputs{}
	for reports, byDen := range weights {
		sum := new(big.Rat)
		for den, num := range byDen {
			sum.Add(sum, big.NewRat(num, den))
		}
		all[reports] = sum
	}
	return all
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
