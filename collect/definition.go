// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"time"

	"github.com/headcount-otel/headcount/overlay"
)

// Definitions is the `stats:` block of exporter and receiver: what each stat is made of, by its name.
type Definitions = overlay.Map[Definition]

// Definition says what one stat is made of and how often it is due.
type Definition struct {
	// Interval is the least time between two accepted reports of one installation.
	Interval time.Duration `mapstructure:"interval"`
	// Pace names a group of stats that share one interval; empty for a stat on its own.
	Pace string `mapstructure:"pace"`
	// Value maps each key of the report to where its value comes from.
	Value overlay.Map[Origin] `mapstructure:"value"`
}

// Origin is where a value comes from: a metric or a resource attribute.
type Origin struct {
	// Metric is the name of a metric with one data point, or, with By, one per group.
	Metric string `mapstructure:"metric"`
	// Resource is the name of a resource attribute.
	Resource string `mapstructure:"resource"`
	// By is the data point attribute whose values become the keys of an object.
	By string `mapstructure:"by"`
	// Optional leaves the key out when there is no such metric or attribute.
	Optional bool `mapstructure:"optional"`
}
