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

func TestRandomAnswersAreNamedByTheirRules(t *testing.T) {
	cfg := configured(t, `{storage: s, metrics: {seats: {one_bit: {max: 1000}}, "shop.*": {randomized_response: {}}, shop.orders: {keep: true}, shop.*.gone: {drop: true}},
resource: {plan: {randomized_response: {values: [pro, free]}}, beta: {keep: true}}}`)
	a, p, _ := made(t, cfg)
	random := trust.RandomOf(a.rules)
	assert.Equal(t, "one_bit 1000 1/4 1/10", random.Metric("seats"))
	assert.Equal(t, "randomized_response 1/2 1/2 3/4", random.Metric("shop.beta"))
	assert.Equal(t, "randomized_response 1/2 1/2 3/4 free,pro", random.Resource("plan"))
	for _, exact := range []string{"shop.orders", "shop.is.gone", "nothing"} {
		assert.Empty(t, random.Metric(exact), exact)
	}
	assert.Empty(t, random.Resource("beta"))
	require.NoError(t, p.Shutdown(t.Context()))
}
