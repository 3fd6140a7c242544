// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// figure is what is told of one metric or resource attribute.
type figure struct {
	// name of the metric or resource attribute.
	name string
	// key under which answers are remembered: answers of another kind, or made with
	// other parameters, are no answers to this figure.
	key    string
	window time.Duration
	tally
}

// tally is one way of making a figure of answers.
type tally interface {
	// hear reads what an installation says, a number or an attribute's value, and
	// reports whether it can be an answer.
	hear(value pcommon.Value) (answer, bool)
	// tell says what all the answers come to.
	tell(name string, answers iter.Seq[answer], to *telling)
}

// figures are the configured ones, metrics before resource attributes, in the
// order of their names, and where to find each.
type figures struct {
	all              []figure
	metric, resource map[string]int
}

func newFigures(cfg *Config) (figures, error) {
	f := figures{metric: map[string]int{}, resource: map[string]int{}}
	for _, name := range cfg.Metrics.Names() {
		rule := cfg.Metrics[name]
		t, key, err := rule.tally()
		if err != nil {
			return f, fmt.Errorf("metrics::%s::%w", name, err)
		}
		f.metric[name] = len(f.all)
		f.all = append(f.all, figure{name, "metric " + name + " " + key, windowOf(rule.Window, cfg), t})
	}
	for _, name := range cfg.Resource.Names() {
		rule := cfg.Resource[name]
		t, key, err := rule.tally()
		if err != nil {
			return f, fmt.Errorf("resource::%s::%w", name, err)
		}
		f.resource[name] = len(f.all)
		f.all = append(f.all, figure{name, "resource " + name + " " + key, windowOf(rule.Window, cfg), t})
	}
	return f, nil
}

func windowOf(window time.Duration, cfg *Config) time.Duration {
	if window == 0 {
		return cfg.Window
	}
	return window
}

// longest is the time after which nothing of an installation counts.
func (f figures) longest(window time.Duration) time.Duration {
	for _, each := range f.all {
		window = max(window, each.window)
	}
	return window
}

// answers are those to figure number index that count now.
func answers(of []*installation, index int, window time.Duration, now seconds) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		for _, each := range of {
			if a := each.answers[index]; a.at.within(window, now) && !yield(a) {
				return
			}
		}
	}
}

func (f figures) keys() []string {
	keys := make([]string, len(f.all))
	for i, each := range f.all {
		keys[i] = each.key
	}
	return keys
}
