// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes

import (
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
)

// leaving is what becomes of one name.
type leaving struct {
	passes, exact bool
	// words say how it leaves, and claim what that guarantees.
	words, claim string
	// rule is compared as a whole; number is it where numbers leave.
	rule   any
	number *rule.Number
}

func number(cfg *anonymizer.Config, name string) leaving {
	r, named := cfg.MetricRule(name)
	if !named || r.Drop {
		return leaving{words: "does not leave"}
	}
	chain := r.Chain()
	chain.Pattern = strings.Contains(name, "*")
	return leaving{true, chain.Exact, chain.Describe(), chain.Guarantee(rule.Always).String(), r, &r}
}

func text(r rule.Text, named bool) leaving {
	if !named || r.Drop {
		return leaving{words: "does not leave"}
	}
	step := r.Step()
	return leaving{true, step.Exact, step.Description, step.Guarantee, r, nil}
}

// ofRules compares what becomes of each name that a rule before or after names.
func ofRules(before, after *confmap.Conf) (found []Change, err error) {
	keys, err := keysOf(before, after)
	if err != nil {
		return nil, err
	}
	add := func(name string, was, is leaving) {
		if kind := was.to(is); kind != "" {
			how := was.words + " → " + is.words
			if is.claim != "" && is.claim != was.claim {
				how += ". " + is.claim
			}
			found = append(found, Change{kind, keys.named(name), how})
		}
	}
	err = each(before, after, "processors", "anonymizer", noRules, func(was, is *anonymizer.Config) {
		for _, name := range union(was.Metrics.Names(), is.Metrics.Names()) {
			add(name, number(was, name), number(is, name))
		}
		for _, name := range union(was.Attributes.Names(), is.Attributes.Names()) {
			add(name, text(was.AttributeRule(name)), text(is.AttributeRule(name)))
		}
		for _, name := range union(was.Resource.Names(), is.Resource.Names()) {
			add(name, text(resource(was, name)), text(resource(is, name)))
		}
	})
	return found, err
}

// resource is the rule of a resource attribute, which may be a pattern's.
func resource(cfg *anonymizer.Config, name string) (rule.Text, bool) {
	return (&anonymizer.Config{Attributes: cfg.Resource}).AttributeRule(name)
}

// to names the change from one to the other. It says rounder only where that is certain.
func (was leaving) to(is leaving) string {
	switch {
	case !was.passes && !is.passes, reflect.DeepEqual(was.rule, is.rule):
		return ""
	case !was.passes:
		return "new"
	case !is.passes:
		return "gone"
	case is.exact && !was.exact:
		return "exact"
	case was.exact && !is.exact, coarser(was.number, is.number):
		return "rounder"
	case coarser(is.number, was.number):
		return "finer"
	default:
		return "otherwise"
	}
}

// coarser reports whether the rules differ only in a wider grid or a higher threshold.
func coarser(fine, coarse *rule.Number) bool {
	if fine == nil || coarse == nil {
		return false
	}
	rest := *coarse
	rest.SuppressBelow = fine.SuppressBelow
	if rest.Round != nil && fine.Round != nil && rest.Round.Mode == fine.Round.Mode && rest.Round.To > fine.Round.To {
		round := *rest.Round
		round.To = fine.Round.To
		rest.Round = &round
	}
	return reflect.DeepEqual(rest, *fine) && coarse.SuppressBelow >= fine.SuppressBelow
}

// origins are the keys of reports under which a metric or an attribute leaves.
type origins map[string][]string

func keysOf(all ...*confmap.Conf) (origins, error) {
	keys := origins{}
	for _, conf := range all {
		err := each(conf, conf, "exporters", "collect", noStats, func(cfg, _ *collectexporter.Config) {
			for _, stat := range cfg.Stats.Names() {
				for _, key := range cfg.Stats[stat].Value.Names() {
					origin := cfg.Stats[stat].Value[key]
					name := origin.Metric + origin.Resource
					if key = stat + "." + key; !slices.Contains(keys[name], key) {
						keys[name] = append(keys[name], key)
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// named is a name with the keys of the reports in front, as the page shows it.
func (o origins) named(name string) string {
	if len(o[name]) == 0 {
		return name
	}
	return strings.Join(o[name], ", ") + " (" + name + ")"
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
