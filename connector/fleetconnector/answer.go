// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import "math"

// answer is what one installation said of one aggregate: a number, a text, or the
// parts of a group or histogram. The zero answer says nothing.
type answer struct {
	kind   answerKind
	number float64
	text   string
	parts  []part
}

// part is a group's number, or a bucket's count under its upper bound.
type part struct {
	name   string
	number float64
}

type answerKind byte

const (
	// nothing is said, or what was said is taken back.
	nothing answerKind = iota
	aNumber
	aText
	aGroup
)

// A number takes four bytes where it is a whole number of some power of ten, as
// nearly all counts and rounded values are: an exponent's index and 28 bits.
const (
	mantissaBits = 28
	mantissaBias = 1 << (mantissaBits - 1)
	// wide is the code of what does not fit into four bytes, unsaid that of nothing.
	wide   = math.MaxUint32
	unsaid = math.MaxUint32 - 1
)

// powers are the exponents' values; the first that fits is taken.
var powers = [...]float64{1, .1, .01, .001, 100, 1e4, 1e6}

// compact is the code of a number, or wide.
func compact(x float64) uint32 {
	for at, power := range powers {
		if m := math.Round(x / power); math.Abs(m) < mantissaBias && expanded(m, power) == x && !(x == 0 && math.Signbit(x)) {
			return uint32(at)<<mantissaBits | uint32(int64(m)+mantissaBias)
		}
	}
	return wide
}

// number is the one of a code that is not wide.
func number(code uint32) float64 {
	m := float64(int64(code&(1<<mantissaBits-1)) - mantissaBias)
	return expanded(m, powers[code>>mantissaBits])
}

// expanded divides where the power is a fraction: 4537 hundredths are 45.37, exactly as it is read.
func expanded(m, power float64) float64 {
	if power < 1 {
		return m / math.Round(1/power)
	}
	return m * power
}
