// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import "fmt"

// tells are the sentences on the counts that are alone in what leaves of them, so that it tells them exactly.
func (r Number) tells() (all []string) {
	if r.Drop || r.Noise != nil {
		return nil
	}
	if r.tellsNone() {
		all = append(all, "Of counts 0 alone has no value, and so is told exactly.")
	}
	if r.tellsThreshold() {
		all = append(all, fmt.Sprintf("Of the numbers that leave as %d does, the threshold lets this one alone through, and so tells it exactly.", r.SuppressBelow))
	}
	switch {
	case !r.tellsZero():
	case r.Bucket != nil && r.Bucket.step("").remembers():
		all = append(all, "Where no other range is held, of counts 0 leaves as no other number does.")
	default:
		all = append(all, "Of counts 0 leaves as no other number does.")
	}
	return all
}

// tellingThreshold says of a threshold that tells one number what to write.
func (r Number) tellingThreshold() (all []string) {
	t := r.SuppressBelow
	if r.Drop || r.Noise != nil {
		return nil
	}
	if r.tellsNone() && !r.Keeps() {
		all = append(all, "suppress_below: 1: of counts it takes 0 alone away, and so tells it exactly; write suppress_below: 6, or leave it out")
	}
	if r.tellsThreshold() {
		all = append(all, fmt.Sprintf("suppress_below: %d: of the numbers that leave as %d does it lets this one alone through, and so tells it exactly; write suppress_below: %d", t, t, t+1))
	}
	return all
}

// tellsNone reports whether 0 is the one count below the threshold.
func (r Number) tellsNone() bool {
	return r.SuppressBelow == 1 && !r.rounds(RoundSticky) && !r.raises(1)
}

// tellsThreshold reports whether the threshold leaves of a cell one number, which is told by the cell.
func (r Number) tellsThreshold() bool {
	t := r.SuppressBelow
	if t == 0 || r.raises(t) || r.Clamp != nil && r.Clamp.Max != nil && *r.Clamp.Max <= t {
		return false
	}
	var told func(x int64) int64
	switch {
	case r.Round != nil && r.Round.Mode != RoundSticky && r.Round.To > 1:
		step, _ := r.Round.step("").(round)
		told = func(x int64) int64 { return step.whole(x, r.Round.To) }
	case r.Bucket != nil:
		told = func(x int64) int64 { return int64(r.Bucket.step("").Index(x)) }
	default:
		return false
	}
	return told(t) != told(t+1)
}

// tellsZero reports whether 0 is alone in its cell, as no count is less.
func (r Number) tellsZero() bool {
	switch {
	case r.SuppressBelow > 0 || r.raises(1):
		return false
	case r.Round != nil:
		return r.rounds(RoundUp) && r.Round.To > 1
	case r.Bucket != nil:
		return r.Bucket.bounds()[1] == 1
	default:
		return false
	}
}

func (r Number) rounds(mode RoundMode) bool { return r.Round != nil && r.Round.Mode == mode }

// raises reports whether a clamp lifts 0 to some number or more.
func (r Number) raises(to int64) bool {
	return r.Clamp != nil && r.Clamp.Min != nil && *r.Clamp.Min >= to
}
