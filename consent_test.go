// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/overlay"
	"github.com/headcount-otel/headcount/trust"
)

func TestVoices(t *testing.T) {
	tests := map[string]struct {
		mode  string
		voice Voice
		value string
		want  trust.Mode
		who   string
	}{
		"nobody speaks":                     {"on", OptOut, "", trust.On, "the configuration key mode"},
		"DO_NOT_TRACK=1":                    {"on", OptOut, "1", trust.Off, "the environment variable V"},
		"DO_NOT_TRACK=true":                 {"local", OptOut, "true", trust.Off, "the environment variable V"},
		"DO_NOT_TRACK=0 changes nothing":    {"on", OptOut, "0", trust.On, "the configuration key mode"},
		"DO_NOT_TRACK=0 cannot turn on":     {"local", OptOut, "0", trust.Local, "the configuration key mode"},
		"DO_NOT_TRACK is not understood":    {"on", OptOut, "perhaps", trust.Off, "the environment variable V, whose value is neither yes nor no"},
		"ENABLE=False":                      {"on", OptIn, "False", trust.Off, "the environment variable V"},
		"ENABLE=no, as people write it":     {"on", OptIn, " No ", trust.Off, "the environment variable V"},
		"ENABLE=True changes nothing":       {"on", OptIn, "True", trust.On, "the configuration key mode"},
		"ENABLE=True cannot turn on":        {"off", OptIn, "True", trust.Off, "the configuration key mode"},
		"ENABLE is not understood":          {"on", OptIn, "2", trust.Off, "the environment variable V, whose value is neither yes nor no"},
		"MODE=local":                        {"on", ModeName, "local", trust.Local, "the environment variable V"},
		"MODE=on cannot turn on":            {"local", ModeName, "on", trust.Local, "the configuration key mode"},
		"MODE is not understood":            {"on", ModeName, "sometimes", trust.Off, "the environment variable V"},
		"among equals the configuration":    {"off", ModeName, "off", trust.Off, "the configuration key mode"},
		"ENABLE unset changes nothing":      {"on", OptIn, "", trust.On, "the configuration key mode"},
		"ENABLE=on where local is the mode": {"local", OptIn, "on", trust.Local, "the configuration key mode"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := &Config{Mode: tt.mode, Environment: overlay.Map[Voice]{"V": tt.voice}}
			got := cfg.configured(func(string) string { return tt.value })
			assert.Equal(t, opinion{tt.want, tt.who}, got)
		})
	}
}

func TestTheMostCarefulVoiceWins(t *testing.T) {
	cfg := &Config{Mode: "on", Environment: overlay.Map[Voice]{"A": ModeName, "B": OptOut, "C": OptIn}}
	env := map[string]string{"A": "local", "B": "0", "C": "false"}
	got := cfg.configured(func(name string) string { return env[name] })
	assert.Equal(t, opinion{trust.Off, "the environment variable C"}, got)
}
