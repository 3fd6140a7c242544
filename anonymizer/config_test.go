// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

func TestConfigs(t *testing.T) {
	file, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	for name := range file.ToStringMap() {
		t.Run(name, func(t *testing.T) {
			instance, err := file.Sub(name)
			require.NoError(t, err)
			if !strings.HasPrefix(name, "bad/") {
				cfg := createDefaultConfig().(*Config)
				require.NoError(t, instance.Unmarshal(cfg))
				require.NoError(t, confmap.Validate(cfg))
				return
			}
			conf, err := instance.Sub("config")
			require.NoError(t, err)
			cfg := createDefaultConfig().(*Config)
			err = conf.Unmarshal(cfg)
			if err == nil {
				err = confmap.Validate(cfg)
			}
			require.ErrorContains(t, err, instance.Get("error").(string))
		})
	}
}

// configured builds a configuration from YAML-like files, as the Collector merges them.
func configured(t testing.TB, files ...string) *Config {
	t.Helper()
	merged := confmap.New()
	for _, file := range files {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(file))
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		require.NoError(t, merged.Merge(conf))
	}
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, merged.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}

func TestOverlayRounds(t *testing.T) {
	cfg := configured(
		t,
		"metrics: {a: {keep: true}, b: {round: {to: 100}}, c: {keep: true}}",
		"metrics: {a: {round: {to: 5}}, b: {round: null, keep: true}, c: null}",
	)
	rules := index(cfg.Metrics, rule.Number.Chain)
	a, _ := rules.find("a")
	assert.Equal(t, "rounded to 5, half to even", a.Describe())
	assert.False(t, a.Exact)
	b, _ := rules.find("b")
	assert.Equal(t, "kept exact", b.Describe())
	assert.True(t, b.Exact)
	_, named := rules.find("c")
	assert.False(t, named)
}

func TestPasses(t *testing.T) {
	cfg := configured(t, `{metrics: {a: {keep: true}, "b.*": {round: {to: 5}}, b.x: {drop: true}}, resource: {r: {keep: true}}, attributes: {p: {redact: true}}}`)
	assert.True(t, cfg.PassesMetric("a"))
	assert.True(t, cfg.PassesMetric("b.y"))
	assert.False(t, cfg.PassesMetric("b.x"))
	assert.False(t, cfg.PassesMetric("c"))
	assert.True(t, cfg.PassesResource("r"))
	assert.False(t, cfg.PassesResource("a"))
	assert.True(t, cfg.PassesAttribute("p"))
	assert.False(t, cfg.PassesAttribute("r"))
}

func TestDefaultConfigTruncatesToDays(t *testing.T) {
	assert.Equal(t, "24h0m0s", configured(t, "{}").Timestamps.Truncate.String())
	assert.Equal(t, component.MustNewType("anonymizer"), NewFactory().Type())
}

func TestWhatChangesNothingIsKeep(t *testing.T) {
	for _, rule := range []string{"round: {to: 1}", "round: {to: 1, mode: sticky}", "bucket: {bounds: [0, 1, 2, 3], hysteresis: 0}", "noise: {scale: 0.01}"} {
		conf, err := confmap.NewRetrievedFromYAML([]byte(`{storage: s, metrics: {"q*": {` + rule + `}}}`))
		require.NoError(t, err)
		m, err := conf.AsConf()
		require.NoError(t, err)
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, m.Unmarshal(cfg))
		require.ErrorContains(t, confmap.Validate(cfg), "metrics::q*: a pattern cannot keep", rule)

		l := &ledger{}
		p, _ := started(t, configured(t, "{storage: s, metrics: {a: {"+rule+"}}}"), disk{}, func(a *anonymizer) { a.ledger = l })
		require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", 2)))
		assert.True(t, l.fields[0].Exact, rule)
		assert.Equal(t, "Leaves exact.", l.fields[0].Claim)
	}
}
