// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// limits are how the limits of one rule stand to those of another.
type limits struct {
	looser, tighter, different bool
}

// compare takes the order of one limit in both, a greater one being tighter.
func (l *limits) compare(order int) {
	l.looser = l.looser || order < 0
	l.tighter = l.tighter || order > 0
}

// differ takes what has no order.
func (l *limits) differ(was, is any) {
	l.different = l.different || !reflect.DeepEqual(was, is)
}

// kind is the word for the change. One limit that is looser makes it finer, whatever becomes of the others;
// rounder is said only where that is certain.
func (l limits) kind() string {
	switch {
	case l.looser:
		return finer
	case l.tighter && !l.different:
		return rounder
	default:
		return "otherwise"
	}
}

// order is that of two limits of which one may be missing, which is the loosest.
func order[L any](was, is *L, compare func(was, is *L) int) int {
	switch {
	case was == nil && is == nil:
		return 0
	case was == nil:
		return 1
	case is == nil:
		return -1
	default:
		return compare(was, is)
	}
}

// ofNumbers compares two rules for numbers.
func ofNumbers(was, is *rule.Number) (l limits) {
	l.compare(cmp.Compare(is.SuppressBelow, was.SuppressBelow))
	l.compare(order(was.Noise, is.Noise, func(was, is *rule.Noise) int { return cmp.Compare(scale(is), scale(was)) }))
	if was.Noise != nil && is.Noise != nil && was.Noise.Fresh != is.Noise.Fresh {
		l.looser = l.looser || is.Noise.Fresh // averaging takes it away
		l.tighter = l.tighter || was.Noise.Fresh
	}
	l.compare(order(was.Clamp, is.Clamp, func(*rule.Clamp, *rule.Clamp) int { return 0 }))
	if was.Clamp != nil && is.Clamp != nil {
		l.compare(order(was.Clamp.Max, is.Clamp.Max, func(was, is *int64) int { return cmp.Compare(*was, *is) }))
		l.compare(order(was.Clamp.Min, is.Clamp.Min, func(was, is *int64) int { return cmp.Compare(*is, *was) }))
	}
	l.grids(was, is)
	l.differ([]any{was.Merge, was.Groups}, []any{is.Merge, is.Groups})
	for _, presence := range []rule.Presence{rule.Always, rule.WithRows} {
		l.looser = l.looser || !provesAsMuch(was, is, presence)
	}
	l.looser = l.looser || !within(is.Chain().Tells(), was.Chain().Tells())
	return l
}

// provesAsMuch reports whether each bound that held still does: a clamp before a draw makes numbers rounder, and takes
// from what is proven of the draw.
func provesAsMuch(was, is *rule.Number, presence rule.Presence) bool {
	now := is.Chain().Guarantee(presence).Bounds
	return !slices.ContainsFunc(was.Chain().Guarantee(presence).Bounds, func(b rule.Bound) bool {
		return b.Pairs != rule.Single && !slices.ContainsFunc(now, func(n rule.Bound) bool {
			holds := n.Pairs == b.Pairs || n.Pairs == rule.Shifted && b.Pairs == rule.Unchanging
			return holds && (n.Of > 0) == (b.Of > 0) && cost(n) <= cost(b) && n.Delta <= b.Delta
		})
	})
}

// cost is what a bound lets be told of a difference of one, or of any where it speaks of any.
func cost(b rule.Bound) float64 {
	if b.Of > 0 {
		return float64(b.PerUnit) / float64(b.Of)
	}
	return b.Epsilon / float64(max(b.Within, 1))
}

func scale(n *rule.Noise) float64 {
	if n.Scale != 0 || n.Epsilon == 0 {
		return n.Scale
	}
	return float64(n.Sensitivity) / n.Epsilon
}

// grids compares what comes last: a random answer tells less than a cell, and a cell less than the number.
func (l *limits) grids(was, is *rule.Number) {
	switch {
	case was.AnswersAtRandom() || is.AnswersAtRandom():
		l.compare(place(is.AnswersAtRandom()) - place(was.AnswersAtRandom()))
		l.differ([]any{was.OneBit, was.RandomizedResponse}, []any{is.OneBit, is.RandomizedResponse})
	case was.Round != nil && is.Round != nil:
		l.compare(cmp.Compare(is.Round.To, was.Round.To))
		l.compare(place(is.Round.Mode == rule.RoundSticky) - place(was.Round.Mode == rule.RoundSticky))
		l.differ(cmp.Or(was.Round.Mode, rule.RoundHalfEven), cmp.Or(is.Round.Mode, rule.RoundHalfEven))
	case was.Bucket != nil && is.Bucket != nil:
		before, after := bounds(was.Bucket), bounds(is.Bucket)
		l.looser = l.looser || !within(after, before)
		l.tighter = l.tighter || !within(before, after)
		l.differ(was.Bucket.Emit, is.Bucket.Emit)
		l.differ(was.Bucket.Hysteresis, is.Bucket.Hysteresis)
	default:
		gridded := func(n *rule.Number) int { return place(n.Round != nil || n.Bucket != nil) }
		l.compare(gridded(is) - gridded(was))
		l.differ(was.Round != nil, is.Round != nil)
	}
}

func place(tighter bool) int {
	if tighter {
		return 1
	}
	return 0
}

func bounds(b *rule.Bucket) []int64 {
	if b.Bounds == nil {
		return mechanism.DefaultBounds
	}
	return b.Bounds
}

// within reports whether all of some stand among others.
func within[E comparable](some, others []E) bool {
	return !slices.ContainsFunc(some, func(e E) bool { return !slices.Contains(others, e) })
}

// ofTexts compares two rules for attributes.
func ofTexts(was, is *rule.Text) (l limits) {
	switch {
	case was.Version != "" && is.Version != "":
		parts := was.Words()["version"]
		l.compare(slices.Index(parts, string(was.Version)) - slices.Index(parts, string(is.Version)))
	case was.Date != nil && is.Date != nil:
		periods := was.Date.Words()["to"]
		said := slices.Index(periods, string(is.Date.Finest())) - slices.Index(periods, string(was.Date.Finest()))
		if l.compare(said); said == 0 {
			l.differ(was.Date.Layout, is.Date.Layout)
		}
	case was.Pseudonym != nil && is.Pseudonym != nil:
		periods := was.Pseudonym.Words()["every"]
		l.compare(slices.Index(periods, string(was.Pseudonym.Every)) - slices.Index(periods, string(is.Pseudonym.Every)))
	case was.Allow != nil && is.Allow != nil:
		l.looser = !within(is.Allow, was.Allow)
		l.tighter = !within(was.Allow, is.Allow)
		l.differ(was.Other, is.Other)
	default:
		l.compare(place(is.Redact) - place(was.Redact))
		l.compare(place(was.Open) - place(is.Open))
		l.different = true
	}
	return l
}
