// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dashboard

import "github.com/prometheus/otlptranslator"

// metrics has the names that the Prometheus exporter makes of the fleet's.
var metrics = otlptranslator.MetricNamer{WithMetricSuffixes: true}

// labels has those that it makes of attributes.
var labels = otlptranslator.LabelNamer{PreserveMultipleUnderscores: true}

// count is the name of a number that can be added up.
func count(name, unit string) (string, error) {
	return metrics.Build(otlptranslator.Metric{Name: "fleet." + name, Unit: unit, Type: otlptranslator.MetricTypeNonMonotonicCounter})
}

// gauge is the name of one that cannot.
func gauge(name, unit string) (string, error) {
	return metrics.Build(otlptranslator.Metric{Name: "fleet." + name, Unit: unit, Type: otlptranslator.MetricTypeGauge})
}

// distribution is the name of a histogram.
func distribution(name, unit string) (string, error) {
	return metrics.Build(otlptranslator.Metric{Name: "fleet." + name, Unit: unit, Type: otlptranslator.MetricTypeHistogram})
}
