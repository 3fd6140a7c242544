// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"fmt"
	"os"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/overlay"
	"github.com/headcount-otel/headcount/trust"
)

// Config of the headcount extension.
type Config struct {
	// Mode is the configuration's own voice: off, local (read and show, send
	// nothing; the default) or on. Of all voices the most careful wins.
	Mode string `mapstructure:"mode"`

	// Environment names the variables that have a voice, and how each is read.
	Environment overlay.Map[Voice] `mapstructure:"environment"`

	// Console writes to standard output what was read, what left and what arrived.
	Console bool `mapstructure:"console"`
}

// Voice says how an environment variable is read. A variable that is not set, or empty, has no opinion.
type Voice string

const (
	// OptOut: a truthy value means off, as DO_NOT_TRACK=1.
	OptOut Voice = "opt_out"
	// OptIn: a falsy value means off, as ENABLE_ANONYMOUS_STATS=False.
	OptIn Voice = "opt_in"
	// ModeName: the value is itself off, local or on.
	ModeName Voice = "mode"
)

var _ component.Config = (*Config)(nil)

// Validate reports a mode or a voice that does not exist, also where the environment says it.
func (c *Config) Validate() error {
	if _, err := trust.ParseMode(c.Mode); err != nil {
		return fmt.Errorf("mode: %w", err)
	}
	for _, name := range c.Environment.Names() {
		switch c.Environment[name] {
		case OptOut, OptIn:
		case ModeName:
			if value := os.Getenv(name); value != "" {
				if _, err := trust.ParseMode(value); err != nil {
					return fmt.Errorf("environment::%s: the variable's value %w", name, err)
				}
			}
		default:
			return fmt.Errorf("environment::%s: %q is no way to read a variable: write opt_out, opt_in or mode", name, c.Environment[name])
		}
	}
	return nil
}
