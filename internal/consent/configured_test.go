// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

// How a variable is heard is tested with trust.Signal.
func TestTheConfigurationAndTheEnvironmentSpeak(t *testing.T) {
	signals := map[string]trust.Signal{"A": trust.ModeName, "B": trust.OptOut}
	env := map[string]string{"B": "0"}
	getenv := func(name string) string { return env[name] }
	assert.Equal(t, trust.Decision{Mode: trust.On, Who: "the configuration key mode"}, Configured("on", signals, getenv), "among equals the configuration")
	env["A"] = "local"
	assert.Equal(t, trust.Decision{Mode: trust.Local, Who: "the environment variable A"}, Configured("on", signals, getenv))
	assert.Equal(t, trust.Decision{Mode: trust.Off, Who: "the configuration key mode"}, Configured("off", signals, getenv))
}

func TestANameThatNoVariableHasIsRefused(t *testing.T) {
	getenv := func(string) string { return "" }
	for _, name := range []string{"", "2FA", "SITE ", " SITE", "$SITE", "${SITE}", "SITE=1", "'SITE'", "SITE,OTHER"} {
		err := CheckEnvironment(map[string]trust.Signal{name: trust.OptOut}, getenv)
		require.ErrorContains(t, err, "is no name of a variable", name)
	}
	for _, name := range []string{"SITE", "site.statistics", "_site-2"} {
		require.NoError(t, CheckEnvironment(map[string]trust.Signal{name: trust.OptOut}, getenv), name)
	}
}
