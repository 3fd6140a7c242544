// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

// Configured is the decision of the configuration: the strictest of its own mode
// and of what the environment's variables say, in order of their names.
func Configured(mode string, environment map[string]trust.Signal, getenv func(string) string) trust.Decision {
	own, _ := trust.ParseMode(mode)
	return trust.Strictest(trust.Decision{Mode: own, Who: "the configuration key mode"}, trust.Environment(environment, getenv)...)
}

// CheckEnvironment checks that each name is one that a variable can have, and that a variable whose value is a mode has
// one; each Signal checks itself.
func CheckEnvironment(environment map[string]trust.Signal, getenv func(string) string) error {
	signals := trust.Everywhere()
	maps.Copy(signals, environment)
	for _, name := range slices.Sorted(maps.Keys(signals)) {
		if !conf.IsVariable(name) {
			return fmt.Errorf("environment: %q is no name of a variable, so it would never be heard: write it as it is set, such as SITE_STATISTICS: opt_in", name)
		}
		if err := signals[name].Check(getenv(name)); err != nil {
			return fmt.Errorf("environment::%s: the variable's value %w", name, err)
		}
	}
	return nil
}
