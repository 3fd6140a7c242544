// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import "github.com/headcount-otel/headcount/trust"

// configured gathers the voices of the configuration: its own mode, and the environment's variables in order of name.
func (c *Config) configured(getenv func(string) string) trust.Decision {
	mode, _ := trust.ParseMode(c.Mode)
	return trust.Strictest(trust.Decision{Mode: mode, Who: "the configuration key mode"}, trust.Environment(c.Environment, getenv)...)
}
