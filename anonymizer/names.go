// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/conf"
)

// names finds the rule for a name: the exact one, else the pattern with the most literal characters.
type names[R any] struct {
	exact    map[string]R
	patterns []pattern[R]
}

// pattern is a name with `*`, cut at each of them.
type pattern[R any] struct {
	literals []string
	rule     R
}

// index compiles each rule of a configuration map.
func index[C, R any](rules conf.Map[C], compile func(C) R) names[R] {
	found := names[R]{exact: make(map[string]R, len(rules))}
	for name, r := range rules {
		if isPattern(name) {
			found.patterns = append(found.patterns, pattern[R]{literals(name), compile(r)})
		} else {
			found.exact[name] = compile(r)
		}
	}
	slices.SortFunc(found.patterns, func(a, b pattern[R]) int {
		return cmp.Compare(specificity(b.literals), specificity(a.literals))
	})
	return found
}

func (n names[R]) find(name string) (R, bool) {
	if r, ok := n.exact[name]; ok {
		return r, true
	}
	for i := range n.patterns {
		if n.patterns[i].matches(name) {
			return n.patterns[i].rule, true
		}
	}
	var none R
	return none, false
}

// named is the name of the rule for a name, as the configuration has it; empty without one.
func (n names[R]) named(name string) string {
	if _, ok := n.exact[name]; ok {
		return name
	}
	for i := range n.patterns {
		if n.patterns[i].matches(name) {
			return strings.Join(n.patterns[i].literals, "*")
		}
	}
	return ""
}

// matches needs no backtracking: the first place where a literal fits is as good as any later one.
func (p pattern[R]) matches(name string) bool {
	first, last := p.literals[0], p.literals[len(p.literals)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	middle := name[len(first) : len(name)-len(last)]
	for _, literal := range p.literals[1 : len(p.literals)-1] {
		_, rest, found := strings.Cut(middle, literal)
		if !found {
			return false
		}
		middle = rest
	}
	return true
}

// Matches reports whether a rule's name, exact or with `*`, names the metric or attribute.
func Matches(rule, name string) bool {
	return rule == name || isPattern(rule) && pattern[struct{}]{literals: literals(rule)}.matches(name)
}

func isPattern(name string) bool { return strings.Contains(name, "*") }

func literals(pattern string) []string { return strings.Split(pattern, "*") }

func specificity(literals []string) int { return len(strings.Join(literals, "")) }

// ambiguous reports whether two names are equally specific patterns that some name matches both.
func ambiguous(a, b string) bool {
	return isPattern(a) && isPattern(b) &&
		specificity(literals(a)) == specificity(literals(b)) && intersect(a, b)
}

// intersect reports whether some text matches both patterns.
func intersect(a, b string) bool {
	// reach[j]: the part of a seen so far and b[:j] can match the same text.
	reach := make([]bool, len(b)+1)
	for i := range len(a) + 1 {
		diagonal := false
		for j := range len(b) + 1 {
			above := reach[j]
			switch {
			case i == 0 && j == 0:
				reach[j] = true
			default:
				reach[j] = i > 0 && above && a[i-1] == '*' ||
					j > 0 && reach[j-1] && b[j-1] == '*' ||
					i > 0 && above && j > 0 && b[j-1] == '*' ||
					j > 0 && i > 0 && reach[j-1] && a[i-1] == '*' ||
					i > 0 && j > 0 && diagonal && a[i-1] == b[j-1]
			}
			diagonal = above
		}
	}
	return reach[len(b)]
}
