// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/trust"
)

func loadConfig(t *testing.T, name string) *Config {
	t.Helper()
	file, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	instance, err := file.Sub(component.MustNewIDWithName("headcount", name).String())
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, instance.Unmarshal(cfg))
	return cfg
}

func TestValidConfig(t *testing.T) {
	storageID := component.MustNewID("file_storage")
	full := createDefaultConfig().(*Config)
	full.Mode = "on"
	full.Environment = conf.Map[trust.Signal]{"DO_NOT_TRACK": trust.OptOut, "ENABLE_STATS": trust.OptIn, "HEADCOUNT_TEST_MODE": trust.ModeName}
	full.Endpoint, full.Storage = "127.0.0.1:55690", &storageID
	full.Console, full.Until, full.Deadline = true, oneshot.Shown, 2*time.Minute

	for name, want := range map[string]*Config{
		"":     createDefaultConfig().(*Config),
		"full": full,
	} {
		cfg := loadConfig(t, name)
		require.NoError(t, confmap.Validate(cfg), name)
		assert.Equal(t, want, cfg, name)
	}
}

func TestEndpointsThatNeedNoLookUp(t *testing.T) {
	for _, name := range []string{"container", "free_port"} {
		require.NoError(t, confmap.Validate(loadConfig(t, name)), name)
	}
}

func TestNullRemovesASignal(t *testing.T) {
	cfg := loadConfig(t, "no_signal")
	require.NoError(t, confmap.Validate(cfg))
	assert.Empty(t, cfg.Environment)
}

func TestInvalidConfig(t *testing.T) {
	for name, want := range map[string]string{
		"bad_mode":     `mode: "sometimes" is no mode: write off, local or on`,
		"bad_signal":   `environment::DO_NOT_TRACK: "maybe" is no way to read a variable: write opt_out, opt_in or mode`,
		"bad_endpoint": `endpoint: "localhost:55690" is no IP address with a port (a name would be looked up): write 127.0.0.1:55690, or leave it out for no page`,
		"no_port":      `endpoint: "127.0.0.1" is no IP address with a port (a name would be looked up): write 127.0.0.1:55690, or leave it out for no page`,
		"bad_until":    `until: "finished" is nothing to wait for: write stopped, shown or delivered`,
		"bad_deadline": `deadline: has to be longer than zero: write 1m, or leave it out`,
	} {
		require.EqualError(t, confmap.Validate(loadConfig(t, name)), want, name)
	}
}

func TestInvalidModeInTheEnvironment(t *testing.T) {
	t.Setenv("HEADCOUNT_TEST_MODE", "sometimes")
	require.EqualError(t, confmap.Validate(loadConfig(t, "full")),
		`environment::HEADCOUNT_TEST_MODE: the variable's value "sometimes" is no mode: write off, local or on`)
}

// A signal that a later file took away is heard like any other.
func TestASilencedSignalIsHeard(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.Mode, cfg.Silenced = "on", map[string][]trust.Signal{"SITE": {trust.OptIn, trust.OptOut}}
	for value, want := range map[string]trust.Mode{"": trust.On, "no": trust.Off, "yes": trust.Off, "perhaps": trust.Off} {
		said := cfg.Configured(func(name string) string { return map[string]string{"SITE": value}[name] })
		assert.Equal(t, want, said.Mode, value)
	}
}
