// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// source draws exact integers from random bytes. It panics when the reader
// fails: crypto/rand's and Secret's never do.
type source struct {
	random io.Reader
	buffer [8]byte
}

// uniform draws from [0, n), n ≥ 1, by rejection, from the same bytes as crypto/rand.Int.
func (s *source) uniform(n uint64) uint64 {
	width := bits.Len64(n - 1)
	if width == 0 {
		return 0
	}
	drawn := s.buffer[8-(width+7)/8:]
	for {
		clear(s.buffer[:])
		if _, err := io.ReadFull(s.random, drawn); err != nil {
			panic("mechanism: the source of randomness failed: " + err.Error())
		}
		drawn[0] &= 0xff >> (-width & 7)
		if u := binary.BigEndian.Uint64(s.buffer[:]); u < n {
			return u
		}
	}
}

// bernoulli is true with probability num/den, num ≤ den.
func (s *source) bernoulli(num, den uint64) bool { return s.uniform(den) < num }

// Uniform draws a whole number from [0, n), n ≥ 1.
func Uniform(random io.Reader, n uint64) uint64 { return (&source{random: random}).uniform(n) }

// Bernoulli is true with the probability p ≤ 1.
func Bernoulli(random io.Reader, p Ratio) bool {
	return (&source{random: random}).bernoulli(p.Num, p.Den)
}
