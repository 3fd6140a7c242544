// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import "math"

// Presence says when a number is reported at all, which an observer sees besides the number.
type Presence uint8

const (
	// Always: each time, whatever the number is.
	Always Presence = iota
	// WithRows: it is that of a group, of which nothing is reported where it has no row.
	WithRows
	// ByData: the data says which numbers there are, such as the buckets of an exponential histogram.
	ByData
)

const (
	// A database gives no row for an empty group, so that the name of a group proves a row.
	rows = "The name of a group that leaves proves that it has a row."
	// So it is with the names of a pattern's metrics, and with buckets that follow what was measured.
	names = "That this number is there at all is not hidden: the data says which there are."
)

// without is what is left where the number's presence tells of it.
func (g Guarantee) without(why string) Guarantee {
	g.Bounds, g.Not = nil, append(g.Not, why)
	return g
}

// Renamed is what is left where the group gets a new name in time: each name has a draw of its own, so
// that nothing holds for ever.
func (g Guarantee) Renamed() Guarantee {
	if bounds := without(without(g.Bounds, Shifted), Unchanging); len(bounds) < len(g.Bounds) {
		g.Bounds, g.Not = bounds, append(g.Not, "An attribute gets new names in time, and each is drawn for anew: their reports together are not covered.")
	}
	return g
}

// ofGroups is what is left of a guarantee where an empty group is not reported at all: the
// probability δ that a group of the fewest rows leaves, or nothing.
func (c *Chain) ofGroups(g Guarantee) Guarantee {
	switch p := c.passage(); {
	case p.threshold > 0 && p.added.scale.Den > 0:
		for i := range g.Bounds {
			g.Bounds[i].Delta = p.added.atLeast(p.lowest(p.threshold) - p.least)
		}
		g.Not = append(g.Not, parts)
		return g
	case p.threshold > 0 && p.least == 0 && g.Bounds[0].Of > 0:
		return g // an empty group and a suppressed one are alike
	default:
		return g.without(rows)
	}
}

// parts: the name of a histogram's group leaves where one of its counts reaches the threshold, each with noise of its own.
const parts = "The name of a histogram's group has this δ for each of its buckets."

// passage is what a group has to pass for its name to leave.
type passage struct {
	added     noise // without a scale where there is none
	least     int64 // that reaches the draw of a group with a row
	grid      int64 // of the offset that is drawn after it
	threshold int64 // on what was drawn; 0 for none
}

func (c *Chain) passage() passage {
	p, drawn := passage{grid: 1}, false
	for _, s := range c.steps {
		switch s := s.(type) {
		case clamp:
			if s.Min != nil {
				p.least = max(p.least, *s.Min)
			}
		case noise:
			p.added, drawn = s, true
			p.least = max(p.least, s.within)
		case stickyRound:
			p.grid, drawn = s.to, true
		case suppress:
			if drawn {
				p.threshold = s.below
			}
		}
	}
	return p
}

// lowest is the least noised number that passes a threshold, with the greatest offset.
func (p passage) lowest(threshold int64) int64 {
	return (threshold+p.grid-1)/p.grid*p.grid - (p.grid - 1)
}

// atLeast is the probability of noise of at least n.
func (n noise) atLeast(least int64) float64 {
	decay := math.Exp(-1 / n.scale.Float())
	if least > 0 {
		return math.Exp(-float64(least)/n.scale.Float()) / (1 + decay)
	}
	return 1 - math.Exp(-float64(1-least)/n.scale.Float())/(1+decay)
}

// Threshold is the least suppress_below with which the name of a group of the fewest rows leaves, of a noised number,
// with a probability of at most δ.
func (c *Chain) Threshold(delta float64) int64 {
	p := c.passage()
	scale := p.added.scale.Float()
	margin := int64(math.Ceil(scale * math.Log(1/(delta*(1+math.Exp(-1/scale))))))
	return (p.least+margin+2*(p.grid-1))/p.grid*p.grid - (p.grid - 1)
}
