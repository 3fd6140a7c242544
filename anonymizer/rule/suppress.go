// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import "fmt"

// suppress takes away numbers below it: small and none cannot be told apart. It
// counts the number's unit, not people, and proves nothing.
type suppress struct {
	forgets
	below int64
}

func (n suppress) apply(v Value, _ *Key) (Value, Outcome) {
	if v.below(n.below) {
		return v, Suppressed
	}
	return v, Passes
}

func (n suppress) describe() string { return fmt.Sprintf("no value below %d", n.below) }

func (n suppress) guarantee() string { return "Small and none cannot be told apart. No formal claim." }
