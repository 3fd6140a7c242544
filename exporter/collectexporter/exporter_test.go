// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func TestRequest(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	newRig(t, makers.URL+"/stat", nil, nil).start(t).scrape(t, "i-1", 20)

	got := makers.awaits(t, 1)[0]
	assert.Equal(t, `{"instanceId":"i-1","time":1795392000.0,"value":{"users":20,"version":"5.3"},"name":"STARTUP"}`, got.body)
	key := got.header.Get("Idempotency-Key")
	assert.Regexp(t, "^[0-9a-f]{32}$", key)
	assert.Equal(t, http.Header{
		"Content-Type":    {"application/json"},
		"User-Agent":      {"headcount/1.2.3"},
		"Accept-Encoding": {"identity"},
		"Idempotency-Key": {key},
		"Content-Length":  {"94"},
	}, got.header, "and nothing else about the machine")
}

// A report with random answers says in its key by which rules.
func TestRequestOfRandomAnswers(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	t.Cleanup(trust.EnforceRules("random", trust.Random{OfMetric: func(name string) string { return "one_bit of " + name }}))
	r := newRig(t, makers.URL, nil, nil).start(t)
	metrics := scraped("i-1", 1)
	require.NoError(t, r.ConsumeMetrics(trust.Anonymized(t.Context(), metrics, "random", trust.Nulls{}), metrics))
	got := makers.awaits(t, 1)[0]
	drawn, tags := collect.CutTags(got.header.Get("Idempotency-Key"))
	assert.Regexp(t, "^[0-9a-f]{32}$", drawn)
	require.Len(t, tags, 8, "of the one field that is random")
	assert.True(t, mapping.MetricTag("app.users", "one_bit of app.users").Agrees(tags))
}

func TestPacing(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	folder := t.TempDir()
	h := trusttest.Host{storageID: fileStorage(t, folder, nil)}
	first := newRig(t, makers.URL, h, persistent).start(t)
	first.scrape(t, "i-1", 20)
	makers.awaits(t, 1)
	first.scrape(t, "i-1", 30)
	first.scrape(t, "i-2", 40)
	makers.awaits(t, 2)
	require.NoError(t, first.Shutdown(t.Context()))

	second := newRig(t, makers.URL, h, persistent).start(t)
	second.scrape(t, "i-1", 50)
	second.scrape(t, "i-3", 60)
	got := makers.awaits(t, 3)
	require.NoError(t, second.Shutdown(t.Context()))
	assert.Len(t, got, 3)
	assert.Equal(t, "i-3", got[2].stat.InstanceID)
}

func TestSecondReportWaitsAMoment(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	r := newRig(t, makers.URL, nil, func(cfg *Config) { cfg.Stats = startup(400 * time.Millisecond) }).start(t)
	for len(makers.received()) < 3 {
		r.scrape(t, "i-1", 20)
		time.Sleep(10 * time.Millisecond)
	}
}

func TestConsentIsAsked(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	site := trusttest.NewExtension(trust.Local)
	r := newRig(t, makers.URL, trusttest.Host{consentID: site}, func(cfg *Config) { cfg.Consent = &consentID }).start(t)
	r.scrape(t, "i-1", 20)
	site.SetMode(trust.On)
	r.scrape(t, "i-2", 20)
	got := makers.awaits(t, 1)
	require.NoError(t, r.Shutdown(t.Context()))
	require.Len(t, got, 1)
	assert.Equal(t, "i-2", got[0].stat.InstanceID)
	require.Len(t, site.AllDeliveries(), 1)
	assert.Equal(t, http.StatusOK, site.AllDeliveries()[0].Status)
}
