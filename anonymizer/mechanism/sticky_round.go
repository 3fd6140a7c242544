// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"io"
	"math/bits"
)

// StickyOffset draws the offset for StickyRound: α uniform in {0 … to−1}.
func StickyOffset(random io.Reader, to int64) int64 { return int64(Uniform(random, uint64(to))) }

// StickyRound rounds x to to·⌊(x+α)/to⌋, within the range of int64. The mean over α
// is x. For two histories that differ by a constant c, what leaves differs in total
// variation by at most min(1, c/to), for ever, as long as α stays secret and the same.
func StickyRound(x, to, offset int64) int64 {
	moved, carry := bits.Add64(uint64(x)^1<<63, uint64(offset), 0) // from the least int64 up
	if carry != 0 {
		return RoundDown(x, to)
	}
	return RoundDown(int64(moved^1<<63), to)
}
