// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

func TestSignals(t *testing.T) {
	tests := map[string]struct {
		mode   trust.Mode
		signal trust.Signal
		value  string
		want   trust.Mode
		who    string
	}{
		"nobody speaks":                     {trust.On, trust.OptOut, "", trust.On, "the configuration"},
		"DO_NOT_TRACK=1":                    {trust.On, trust.OptOut, "1", trust.Off, "the environment variable V"},
		"DO_NOT_TRACK=true":                 {trust.Local, trust.OptOut, "true", trust.Off, "the environment variable V"},
		"DO_NOT_TRACK=0 changes nothing":    {trust.On, trust.OptOut, "0", trust.On, "the configuration"},
		"DO_NOT_TRACK=0 cannot turn on":     {trust.Local, trust.OptOut, "0", trust.Local, "the configuration"},
		"DO_NOT_TRACK is not understood":    {trust.On, trust.OptOut, "perhaps", trust.Off, "the environment variable V, whose value is neither yes nor no"},
		"ENABLE=False":                      {trust.On, trust.OptIn, "False", trust.Off, "the environment variable V"},
		"ENABLE=no, as people write it":     {trust.On, trust.OptIn, " No ", trust.Off, "the environment variable V"},
		"ENABLE=True changes nothing":       {trust.On, trust.OptIn, "True", trust.On, "the configuration"},
		"ENABLE=True cannot turn on":        {trust.Off, trust.OptIn, "True", trust.Off, "the configuration"},
		"ENABLE is not understood":          {trust.On, trust.OptIn, "2", trust.Off, "the environment variable V, whose value is neither yes nor no"},
		"MODE=local":                        {trust.On, trust.ModeName, "local", trust.Local, "the environment variable V"},
		"MODE=on cannot turn on":            {trust.Local, trust.ModeName, "on", trust.Local, "the configuration"},
		"MODE is not understood":            {trust.On, trust.ModeName, "sometimes", trust.Off, "the environment variable V"},
		"among equals the configuration":    {trust.Off, trust.ModeName, "off", trust.Off, "the configuration"},
		"ENABLE unset changes nothing":      {trust.On, trust.OptIn, "", trust.On, "the configuration"},
		"ENABLE=on where local is the mode": {trust.Local, trust.OptIn, "on", trust.Local, "the configuration"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			said := trust.Environment(map[string]trust.Signal{"V": tt.signal}, func(name string) string { return map[string]string{"V": tt.value}[name] })
			got := trust.Strictest(trust.Decision{Mode: tt.mode, Who: "the configuration"}, said...)
			assert.Equal(t, trust.Decision{Mode: tt.want, Who: tt.who}, got)
		})
	}
}

// A tool that reads YAML may make false of off.
func TestAPlainNoIsAMode(t *testing.T) {
	for value, isOne := range map[string]bool{"": true, "off": true, "false": true, " No ": true, "0": true, "local": true, "true": false, "sometimes": false} {
		assert.Equal(t, isOne, trust.ModeName.Check(value) == nil, value)
		assert.NoError(t, trust.OptOut.Check(value), "what is neither yes nor no means off")
	}
}

func TestTheStrictestSignalWins(t *testing.T) {
	env := map[string]string{"A": "local", "B": "0", "C": "false"}
	said := trust.Environment(map[string]trust.Signal{"C": trust.OptIn, "A": trust.ModeName, "B": trust.OptOut}, func(name string) string { return env[name] })
	assert.Equal(t, []trust.Decision{
		{Mode: trust.Local, Who: "the environment variable A"},
		{Mode: trust.On, Who: "the environment variable B"},
		{Mode: trust.Off, Who: "the environment variable C"},
	}, said)
	assert.Equal(t, said[2], trust.Strictest(said[0], said...))
}

func TestTwoVariablesAreHeededEverywhere(t *testing.T) {
	env := map[string]string{"DO_NOT_TRACK": "1", "HEADCOUNT_MODE": "local"}
	getenv := func(name string) string { return env[name] }
	for name, signals := range map[string]map[string]trust.Signal{
		"nothing is configured":   nil,
		"another is configured":   {"V": trust.OptIn},
		"they are":                {"DO_NOT_TRACK": trust.OptOut, "HEADCOUNT_MODE": trust.ModeName},
		"the other way round":     {"DO_NOT_TRACK": trust.OptIn},
		"as what they cannot say": {"DO_NOT_TRACK": trust.ModeName, "HEADCOUNT_MODE": trust.OptOut},
	} {
		said := trust.Environment(signals, getenv)
		assert.Contains(t, said, trust.Decision{Mode: trust.Off, Who: "the environment variable DO_NOT_TRACK"}, name)
		assert.Contains(t, said, trust.Decision{Mode: trust.Local, Who: "the environment variable HEADCOUNT_MODE"}, name)
	}
}

func TestSignalValidates(t *testing.T) {
	for _, signal := range []trust.Signal{trust.OptOut, trust.OptIn, trust.ModeName} {
		require.NoError(t, signal.Validate())
	}
	require.EqualError(t, trust.Signal("maybe").Validate(), `"maybe" is no way to read a variable: write opt_out, opt_in or mode`)
}
