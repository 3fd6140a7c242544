// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import "fmt"

// suppress takes away numbers below it: small and none cannot be told apart. It
// counts the number's unit, not people, and proves nothing.
type suppress int64

func (n suppress) apply(v value, _ *place) (value, reason) {
	if v.below(int64(n)) {
		return v, suppressed
	}
	return v, passes
}

func (n suppress) words() string { return fmt.Sprintf("no value below %d", int64(n)) }

func (n suppress) claim() string { return "Small and none cannot be told apart. No formal claim." }
