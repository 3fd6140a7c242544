// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"io"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Memory is what rules ask for beyond the value: what is drawn, and what was before.
type Memory interface {
	// Sticky draws from d once, and gives the same number to the same question for ever.
	Sticky(d Distribution, of Question) int64
	// Fresh draws from d anew each time.
	Fresh(d Distribution) int64
	// Range is the bucket of x, given the one in which the answer to the same question was before.
	Range(b mechanism.Buckets, of Question, x int64) int
	// Rename is the value's pseudonym, of the attribute and installation that the key names.
	Rename(p Pseudonym, of *Key, value string) string
}

// Distribution is what a number is drawn from.
type Distribution interface {
	Sample(random io.Reader) int64
}

// Question is what a sticky draw or a remembered range belongs to, each part of which tells it from others.
type Question struct {
	// Rule is the rule that draws or remembers.
	Rule string
	// At is the number for which it does.
	At *Key
	// Parameters are those of the rule, and a memoized value where there is one.
	Parameters []string
}

// Parts are all that the draw depends on, in the order in which it has always done so.
func (q Question) Parts() []string {
	parts := append(make([]string, 0, 8), q.Rule)
	return append(append(parts, q.At.Parts()...), q.Parameters...)
}

// AppendKey appends one text for each question.
func (q Question) AppendKey(to []byte) []byte {
	to = mechanism.AppendPart(to, q.Rule)
	to = mechanism.AppendPart(to, q.At.Instance)
	to = mechanism.AppendPart(to, q.At.Name)
	to = appendAttributes(to, q.At.Attributes)
	to = mechanism.AppendPart(to, q.At.Part)
	for _, p := range q.Parameters {
		to = mechanism.AppendPart(to, p)
	}
	return to
}

// uniform is a whole number below it.
type uniform int64

// Sample implements Distribution.
func (n uniform) Sample(random io.Reader) int64 { return mechanism.StickyOffset(random, int64(n)) }

// bernoulli is 1 with this probability, else 0.
type bernoulli mechanism.Ratio

// Sample implements Distribution.
func (p bernoulli) Sample(random io.Reader) int64 {
	return bit(mechanism.Bernoulli(random, mechanism.Ratio(p)))
}

// laplace is discrete Laplace noise of this scale.
type laplace mechanism.Ratio

// Sample implements Distribution.
func (scale laplace) Sample(random io.Reader) int64 {
	return mechanism.Laplace(random, mechanism.Ratio(scale))
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
