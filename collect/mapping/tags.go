// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
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
	for _, key := range d.Value.Names() {
		origin := d.Value[key]
		if origin.Metric != "" {
			if rule := metric(origin.Metric); rule != "" {
				tags = append(tags, MetricTag(origin.Metric, rule))
			}
		} else if rule := resource(origin.Resource); rule != "" {
			tags = append(tags, ResourceTag(origin.Resource, rule))
		}
	}
	return tags
}
