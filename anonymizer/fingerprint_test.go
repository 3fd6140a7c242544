// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

const someRules = "{metrics: {a: {keep: true}, b: {bucket: {}}}, resource: {r: {keep: true}}, storage: s}"

func TestFingerprintIsThatOfTheRulesAlone(t *testing.T) {
	want := configured(t, someRules).fingerprint()
	assert.Equal(t, want, configured(t, "{resource: {r: {keep: true}}, storage: other, metrics: {b: {bucket: {}}, a: {keep: true}}}").fingerprint())
	for _, overlay := range []string{
		"metrics: {a: {round: {to: 5}}}", "metrics: {b: {bucket: {hysteresis: 0}}}", "metrics: {c: {drop: true}}",
		"resource: {r: {redact: true}}", "attributes: {p: {redact: true}}", "timestamps: {truncate: 1h}",
	} {
		assert.NotEqual(t, want, configured(t, someRules, overlay).fingerprint(), overlay)
	}
}

func TestRulesAreInForceFromTheMakingToTheShutdown(t *testing.T) {
	cfg := configured(t, "{metrics: {in.force: {keep: true}}}")
	require.False(t, trust.RulesInForce(cfg.fingerprint()))
	a, p, _ := made(t, cfg)
	assert.True(t, trust.RulesInForce(a.rules), "before anything starts: an exporter starts before the anonymizer")
	require.NoError(t, p.Start(t.Context(), disk{}))
	require.NoError(t, p.Shutdown(t.Context()))
	assert.False(t, trust.RulesInForce(a.rules))
}
