// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"strings"
)

// Estimand names the rule and all of its parameters that the makers' estimate depends
// on: answers of different ones cannot be put together.
func (o *OneBit) Estimand() string {
	m, err := o.Mechanism()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("one_bit %d %v %v", m.Max, m.Zero, m.Flip)
}

// Estimand is the same of a random answer; the order of values does not matter.
func (r *RandomizedResponse) Estimand() string {
	m, err := r.Mechanism()
	if err != nil {
		return ""
	}
	text := fmt.Sprintf("randomized_response %v %v %v", m.F, m.P, m.Q)
	if len(r.Values) > 0 {
		text += " " + strings.Join(slices.Sorted(slices.Values(r.Values)), ",")
	}
	return text
}

// Estimand is that of the entry's random answer; empty where it has none.
func (r Number) Estimand() string {
	switch {
	case r.Drop:
		return ""
	case r.OneBit != nil:
		return r.OneBit.Estimand()
	case r.RandomizedResponse != nil:
		return r.RandomizedResponse.Estimand()
	}
	return ""
}

// Estimand is that of the entry's random answer; empty where it has none.
func (r Text) Estimand() string {
	if r.Drop || r.RandomizedResponse == nil {
		return ""
	}
	return r.RandomizedResponse.Estimand()
}
