// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes

import (
	"reflect"
	"slices"
	"strings"
	"time"

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
	// rule is compared as a whole; number or text is it by its kind.
	rule   any
	number *rule.Number
	text   *rule.Text
}

func number(cfg *anonymizer.Config, name string) leaving {
	r, named := cfg.MetricRule(name)
	if !named || r.Drop {
		return leaving{words: "does not leave"}
	}
	chain := r.Chain()
	return leaving{passes: true, exact: chain.Exact, words: chain.Describe(), claim: cfg.Claim(name, r), rule: r, number: &r}
}

func text(r rule.Text, named bool) leaving {
	if !named || r.Drop {
		return leaving{words: "does not leave"}
	}
	step := r.Step()
	return leaving{passes: true, exact: step.Exact, words: step.Description, claim: step.Guarantee, rule: r, text: &r}
}

// ofRules compares what becomes of each name that a rule before or after names.
func ofRules(before, after *confmap.Conf) (found []Change, err error) {
	keys, err := keysOf(before, after)
	if err != nil {
		return nil, err
	}
	add := func(at, name string, was, is leaving) {
		if kind := was.to(is); kind != "" {
			how := was.words + " → " + is.words
			if is.claim != "" && is.claim != was.claim {
				how += ". " + is.claim
			}
			found = append(found, Change{kind, keys.named(name), how, at + name})
		}
	}
	err = each(before, after, "processors", "anonymizer", noRules, func(key string, was, is *anonymizer.Config) {
		for _, name := range union(was.Metrics.Names(), is.Metrics.Names()) {
			add(key+"::metrics::", name, number(was, name), number(is, name))
		}
		for _, name := range union(was.Attributes.Names(), is.Attributes.Names()) {
			add(key+"::attributes::", name, text(was.AttributeRule(name)), text(is.AttributeRule(name)))
		}
		for _, name := range union(was.Resource.Names(), is.Resource.Names()) {
			add(key+"::resource::", name, text(resource(was, name)), text(resource(is, name)))
		}
		if was, is := was.Timestamps.Truncate, is.Timestamps.Truncate; was != is {
			kind := map[bool]string{true: rounder, false: finer}[is > was]
			found = append(found, Change{kind, "the time of every value", cut(was) + " → " + cut(is), key + "::timestamps::truncate"})
		}
	})
	return found, err
}

// cut says how exact times are.
func cut(to time.Duration) string {
	if to == 0 {
		return "exact"
	}
	return "cut to " + to.String()
}

// resource is the rule of a resource attribute, which may be a pattern's.
func resource(cfg *anonymizer.Config, name string) (rule.Text, bool) {
	return (&anonymizer.Config{Attributes: cfg.Resource}).AttributeRule(name)
}

// to names the change from one to the other.
func (was leaving) to(is leaving) string {
	switch {
	case !was.passes && !is.passes, reflect.DeepEqual(was.rule, is.rule):
		return ""
	case !was.passes:
		return "new"
	case !is.passes:
		return "gone"
	case is.exact && !was.exact:
		return exact
	case was.exact && !is.exact:
		return rounder
	case was.number != nil && is.number != nil:
		return ofNumbers(was.number, is.number).kind()
	case was.text != nil && is.text != nil:
		return ofTexts(was.text, is.text).kind()
	default:
		return "otherwise"
	}
}

// origins are the keys of reports under which a metric or an attribute leaves.
type origins map[string][]string

func keysOf(all ...*confmap.Conf) (origins, error) {
	keys := origins{}
	for _, conf := range all {
		err := each(conf, conf, "exporters", "collect", noStats, func(_ string, cfg, _ *collectexporter.Config) {
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
