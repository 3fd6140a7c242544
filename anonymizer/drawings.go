// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"maps"
	"slices"
)

// drawings are what each rule of an anonymizer draws with, once and for ever; empty where it draws nothing.
type drawings map[string]string

// drawings are those of all rules: one that draws nothing is an exception to a pattern that does.
func (cfg *Config) drawings() drawings {
	all := drawings{}
	for name, r := range cfg.Metrics {
		all["metrics::"+name] = r.Parameters()
	}
	for name, r := range cfg.Resource {
		all["resource::"+name] = r.Parameters()
	}
	return all
}

// conflict finds two rules by which one name would be drawn for in two ways.
func (d drawings) conflict(others drawings) (rule, other string, found bool) {
	for _, a := range slices.Sorted(maps.Keys(d)) {
		for _, b := range slices.Sorted(maps.Keys(others)) {
			if !intersect(a, b) || d.winner(a, b) != a || others.winner(b, a) != b {
				continue
			}
			if d[a] != "" && others[b] != "" && d[a] != others[b] {
				return a, b, true
			}
		}
	}
	return "", "", false
}

// winner is the rule that holds for the names which both patterns match, one of which is ours: the exact
// one, else the more specific one, of all that match them for sure.
func (d drawings) winner(own, other string) string {
	wins := own
	for name := range d {
		if covers(name, own, other) && precedes(name, wins) {
			wins = name
		}
	}
	return wins
}

// covers reports whether a pattern matches each name that both others match.
func covers(name, one, two string) bool {
	return name == one || name == two || Matches(name, one) || Matches(name, two)
}

// precedes reports whether a rule's name is more specific than another.
func precedes(name, other string) bool {
	switch {
	case !isPattern(name):
		return isPattern(other)
	case !isPattern(other):
		return false
	default:
		return specificity(literals(name)) > specificity(literals(other))
	}
}

func both(one, other string) string {
	if one == other {
		return one
	}
	return one + " and " + other
}
