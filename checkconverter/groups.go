// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// fieldsWithoutBy finds fields that would take the one group of a small site for the total, and fail with the second.
func fieldsWithoutBy(c *config) []string {
	return c.eachField(func(f statField) string {
		groups := f.flow.groups[f.Metric]
		if label := f.label(); label != "" && f.By == "" {
			return fmt.Sprintf("%s: the rule of %s emits a label: the number is always 1, and the range stands in the attribute %s: write by: %s, or emit: lower in the rule", f.at, f.Metric, label, label)
		}
		if f.By != "" || len(groups) == 0 {
			return ""
		}
		read := fmt.Sprintf("%s: the metric %s is read by groups of %s, and this field has no `by`: with one group it would be taken for the total, with two the stat would never leave",
			f.at, f.Metric, strings.Join(groups, " and "))
		passing := groups
		if f.anonymized {
			passing = slices.DeleteFunc(slices.Clone(groups), func(name string) bool { return !f.rules.passesAttribute(name) })
		}
		switch {
		case len(passing) > 0:
			return fmt.Sprintf("%s: write by: %s, or remove `by` from the reading", read, passing[0])
		case !f.rules.merges(f.Metric):
			return fmt.Sprintf("%s: write merge: sum in processors::%s::metrics::%s for the total, or by: %s here and a rule for %s under processors::%s::attributes",
				read, f.rules.id, f.Metric, groups[0], groups[0], f.rules.id)
		}
		return ""
	})
}

// label is the attribute in which the metric's rule puts the name of a range; empty for none.
func (f statField) label() string {
	if !f.anonymized || f.Metric == "" {
		return ""
	}
	entry, _ := f.rules.cfg.MetricRule(f.Metric)
	return entry.Label()
}

// fieldsOfOtherGroups finds fields whose `by` is no attribute of the metric's points.
func fieldsOfOtherGroups(c *config) []string {
	return c.eachField(func(f statField) string {
		groups := f.flow.groups[f.Metric]
		_, made := f.flow.metrics[f.Metric]
		switch {
		case f.By == "" || f.flow.open || !made || slices.Contains(groups, f.By), f.By == f.label():
			return ""
		case len(groups) == 0:
			return fmt.Sprintf("%s: the metric %s is not read by groups: write by: %s in its reading, or remove `by` here", f.at, f.Metric, f.By)
		default:
			return fmt.Sprintf("%s: the metric %s is read by groups of %s: write by: %s", f.at, f.Metric, strings.Join(groups, " and "), groups[0])
		}
	})
}

// groupsThatLoseTheirName finds fields of which a group may come without its name, as its attribute's rule drops some
// values: the stat is incomplete then and stays, which tells that there is such a group.
func groupsThatLoseTheirName(c *config) []string {
	return c.eachField(func(f statField) string {
		if f.By == "" || !f.anonymized {
			return ""
		}
		if entry, ruled := f.rules.cfg.MetricRule(f.Metric); !ruled || len(entry.Groups) > 0 {
			return ""
		}
		for name := range strings.SplitSeq(f.By, ",") {
			name = strings.TrimSpace(name)
			if cure := lostName(f.rules.cfg.AttributeRule(name)); cure != "" {
				return fmt.Sprintf("%s::by: a row whose %s its rule drops leaves without it, and then the stat stays, incomplete: %s in processors::%s::attributes::%s", f.at, name, cure, f.rules.id, name)
			}
		}
		return ""
	})
}

// lostName says what to write where a rule drops values that it does not want; empty where it drops none, or all.
func lostName(r rule.Text, ruled bool) string {
	switch {
	case !ruled || r.Drop:
		return ""
	case r.Allow != nil && r.Other == "":
		return "write other: other beside allow"
	case r.Version != "" || r.Date != nil:
		return "write allow: [...] with other: other"
	default:
		return ""
	}
}

// namesOfSmallGroups finds metrics whose groups' names leave whatever they are and however few rows they have.
func namesOfSmallGroups(c *config) []string {
	return c.ofGroups(func(rules ruleSet, metric string, entry rule.Number, groups []string) (warnings []string) {
		if entry.Drop || entry.SuppressBelow > 0 {
			return nil
		}
		for _, group := range groups {
			if names, ruled := rules.cfg.AttributeRule(group); ruled && leavesAsItIs(names) {
				warnings = append(warnings, fmt.Sprintf("processors::%s::metrics::%s: the name of each group of %s leaves, also of one that has a single row: write suppress_below: 6 here, or allow: [...] in processors::%s::attributes::%s",
					rules.id, metric, group, rules.id, group))
			}
		}
		return warnings
	})
}

// namesOfNoisedGroups finds noised numbers that are read by groups, of which the names that leave tell what the noise hides.
func namesOfNoisedGroups(c *config) []string {
	return c.ofGroups(func(rules ruleSet, metric string, entry rule.Number, groups []string) []string {
		text := anonymizer.NamesTell(entry)
		switch {
		case text == "":
			return nil
		case !slices.ContainsFunc(groups, rules.passesAttribute):
			text = "it is read by groups that leave as one, and of no rows nothing leaves, whatever the noise: remove `by` from the reading"
		}
		return []string{fmt.Sprintf("processors::%s::metrics::%s: %s", rules.id, metric, text)}
	})
}

// ofGroups are the warnings of each metric that is read by groups and has a rule, each once.
func (c *config) ofGroups(find func(rules ruleSet, metric string, entry rule.Number, groups []string) []string) []string {
	found := map[string]bool{}
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		rules, anonymized := c.rules(p.Processors)
		if !anonymized {
			continue
		}
		for metric, groups := range c.makes(p.Receivers).groups {
			entry, ruled := rules.cfg.MetricRule(metric)
			if !ruled {
				continue
			}
			for _, warning := range find(rules, metric, entry, groups) {
				found[warning] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// leavesAsItIs reports whether any name at all may leave.
func leavesAsItIs(r rule.Text) bool {
	return !r.Drop && !r.Redact && r.Allow == nil && r.Version == "" && r.Date == nil
}
