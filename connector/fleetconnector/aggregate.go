// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
)

// aggregate is what is told of one metric or resource attribute.
type aggregate struct {
	// name of the metric or resource attribute.
	name string
	// key under which answers are remembered: answers of another kind, or made with
	// other parameters, are no answers to this aggregate.
	key string
	// toldAs is the key under which is remembered what was told: with another
	// configuration all is told anew.
	toldAs string
	// tag is what reports say of the rule behind their answers.
	tag collect.Tag
	// description says what it is about.
	description string
	window      time.Duration
	aggregator
}

// aggregator is one way of making metrics of answers.
type aggregator interface {
	// kind of the answers.
	kind() answerKind
	// observe reads what an installation says and reports whether it can be an answer.
	observe(said observation) (answer, bool)
	// emit says what all the answers come to.
	emit(about aggregate, answers iter.Seq[answer], to *snapshot)
}

// observation is what a report says of one name: a metric or a resource attribute's value.
type observation struct {
	metric pmetric.Metric
	value  pcommon.Value
	// ofMetric is true for a metric.
	ofMetric bool
}

// aggregates are the configured ones, metrics before resource attributes, in the
// order of their names, and where to find each.
type aggregates struct {
	all              []aggregate
	metric, resource map[string]int
}

func newAggregates(cfg *Config) (aggregates, error) {
	a := aggregates{metric: map[string]int{}, resource: map[string]int{}}
	for _, name := range cfg.Metrics.Names() {
		rule := cfg.Metrics[name]
		way, key, err := rule.aggregator()
		if err != nil {
			return a, fmt.Errorf("metrics::%s::%w", name, err)
		}
		a.metric[name] = len(a.all)
		a.add(aggregate{name: name, key: "metric " + name + " " + key, tag: mapping.MetricTag(name, rule.estimand()), description: rule.Description, window: windowOf(rule.Window, cfg), aggregator: way}, cfg)
	}
	for _, name := range cfg.Resource.Names() {
		rule := cfg.Resource[name]
		way, key, err := rule.aggregator()
		if err != nil {
			return a, fmt.Errorf("resource::%s::%w", name, err)
		}
		a.resource[name] = len(a.all)
		a.add(aggregate{name: name, key: "resource " + name + " " + key, tag: mapping.ResourceTag(name, rule.estimand()), description: rule.Description, window: windowOf(rule.Window, cfg), aggregator: way}, cfg)
	}
	return a, nil
}

func (a *aggregates) add(each aggregate, cfg *Config) {
	each.toldAs = fmt.Sprintf("%s %+v %q of %d within %s", each.key, each.aggregator, each.description, cfg.MinInstallations, each.window)
	a.all = append(a.all, each)
}

func windowOf(window time.Duration, cfg *Config) time.Duration {
	if window == 0 {
		return cfg.Window
	}
	return window
}

// longest is the time after which nothing of an installation counts.
func (a aggregates) longest(window time.Duration) time.Duration {
	for _, each := range a.all {
		window = max(window, each.window)
	}
	return window
}

func (a aggregates) kinds() []answerKind {
	kinds := make([]answerKind, len(a.all))
	for i, each := range a.all {
		kinds[i] = each.kind()
	}
	return kinds
}
