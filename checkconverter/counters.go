// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// newInstallations finds pipelines in which each start of an application would be another installation.
func newInstallations(c *config) []string {
	var warnings []string
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		receivers, exporters := ofType(p.Receivers, "otlp"), ofType(p.Exporters, "collect")
		if len(receivers) > 0 && len(exporters) > 0 && len(ofType(p.Processors, "installation")) == 0 {
			warnings = append(warnings, fmt.Sprintf("service::pipelines::%s: most SDKs draw a new %s in each process, so that each start of an application that reports to receiver %s is another installation, which exporter %s reports at once: put the installation processor first, as app:otlp does",
				name, instanceID, receivers[0], exporters[0]))
		}
	}
	return warnings
}

// defaultsOfNothing finds defaults of metrics that no rule lets through: they would be all that is ever said.
func defaultsOfNothing(c *config) []string {
	return c.eachField(func(f statField) string {
		if f.Default == nil || !f.anonymized || f.rules.passesMetric(f.Metric) {
			return ""
		}
		return fmt.Sprintf("%s::default: no rule of processors::%s lets the metric %s through, and the default would stand for what it counts: name it under processors::%s::metrics", f.at, f.rules.id, f.Metric, f.rules.id)
	})
}

// splitDefaults finds defaults of what may come in another request.
func splitDefaults(c *config) []string {
	return c.eachField(func(f statField) string {
		if f.Default == nil || !f.flow.open || f.gathered {
			return ""
		}
		return fmt.Sprintf("%s::default: an SDK may report %s in a request of its own, and the default would stand for it in the others: put the installation processor first, which gathers them", f.at, f.Metric)
	})
}

// defaultsBesideDraws finds defaults of metrics for which something is drawn: for what never arrives nothing is, so that
// the default stands there for certain until the first row.
func defaultsBesideDraws(c *config) []string {
	return c.eachField(func(f statField) string {
		if f.Default == nil || !f.anonymized {
			return ""
		}
		if entry, _ := f.rules.cfg.MetricRule(f.Metric); entry.SuppressBelow > 0 || len(entry.Chain().Guarantee(rule.Always).Bounds) == 0 {
			return ""
		}
		return fmt.Sprintf("%s::default: it stands for %s where nothing was counted yet, and processors::%s draws nothing for it, so that the first one shows: have the application add a 0 at its start, and remove default", f.at, f.Metric, f.rules.id)
	})
}

// unknownIncreases finds increases of what is no counter, or begins anew where the exporter cannot see it.
func unknownIncreases(c *config) []string {
	return c.eachField(func(f statField) string {
		_, isRead := f.flow.metrics[f.Metric]
		switch {
		case !f.Increase:
			return ""
		case isRead && !f.flow.open:
			return fmt.Sprintf("%s::increase: %s is read by %s, as a number that may also fall: remove increase; rows of a time are counted with `since:` in the reading", f.at, f.Metric, f.flow.metrics[f.Metric])
		case !f.gathered:
			return fmt.Sprintf("%s::increase: without the installation processor %s begins anew with each process, and what it counted before is not known: put it first in the pipeline, as app:otlp does", f.at, f.Metric)
		case f.anonymized && f.rules.distorts(f.Metric):
			return fmt.Sprintf("%s::increase: the rule of processors::%s for %s leaves a total of which the increase is wrong (noise moves it, a greatest value or a range holds it): write round or keep, or remove increase", f.at, f.rules.id, f.Metric)
		}
		return ""
	})
}
