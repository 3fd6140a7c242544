// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

// How a variable is heard is tested with trust.Signal.
func TestTheConfigurationAndTheEnvironmentSpeak(t *testing.T) {
	cfg := &Config{Mode: "on", Environment: conf.Map[trust.Signal]{"A": trust.ModeName, "B": trust.OptOut}}
	env := map[string]string{"B": "0"}
	getenv := func(name string) string { return env[name] }
	assert.Equal(t, trust.Decision{Mode: trust.On, Who: "the configuration key mode"}, cfg.configured(getenv), "among equals the configuration")
	env["A"] = "local"
	assert.Equal(t, trust.Decision{Mode: trust.Local, Who: "the environment variable A"}, cfg.configured(getenv))
	cfg.Mode = "off"
	assert.Equal(t, trust.Decision{Mode: trust.Off, Who: "the configuration key mode"}, cfg.configured(getenv))
}
