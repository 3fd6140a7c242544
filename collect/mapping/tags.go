// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
)

// RulesAttribute is the scope attribute that holds the tags of a report's key.
const RulesAttribute = "headcount.rules"

// SetTags notes the tags of a report's key beside what it says.
func SetTags(report pmetric.Metrics, tags string) {
	if tags == "" {
		return
	}
	for _, resource := range report.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			scope.Scope().Attributes().PutStr(RulesAttribute, tags)
		}
	}
}

// TagsOf are the tags of a report's key, empty where it had none.
func TagsOf(report pmetric.ResourceMetrics) string {
	for _, scope := range report.ScopeMetrics().All() {
		if tags, ok := scope.Scope().Attributes().Get(RulesAttribute); ok {
			return tags.Str()
		}
	}
	return ""
}

// MetricTag is the tag of a metric whose numbers are random by this rule.
func MetricTag(name, rule string) collect.Tag { return collect.NewTag("metric "+name, rule) }

// ResourceTag is the tag of a resource attribute whose values are random by this rule.
func ResourceTag(name, rule string) collect.Tag { return collect.NewTag("resource "+name, rule) }

// Tags are those of a stat's random fields. metric and resource name the rule, with its
// parameters, that made a metric's numbers or an attribute's values random; empty for none.
func (d Definition) Tags(metric, resource func(name string) string) (tags []collect.Tag) {
	var random []string // mostly none, and then nothing is to be put in order
	for key, origin := range d.Value {
		if origin.rule(metric, resource) != "" {
			random = append(random, key)
		}
	}
	slices.Sort(random)
	for _, key := range random {
		tags = append(tags, d.Value[key].tag(metric, resource))
	}
	return tags
}

func (o Origin) rule(metric, resource func(name string) string) string {
	if o.Metric != "" {
		return metric(o.Metric)
	}
	return resource(o.Resource)
}

func (o Origin) tag(metric, resource func(name string) string) collect.Tag {
	rule := o.rule(metric, resource)
	if o.Metric != "" {
		return MetricTag(o.Metric, rule)
	}
	return ResourceTag(o.Resource, rule)
}
