// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"

	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/status"
	"github.com/headcount-otel/headcount/trust"
)

const profile = `
extensions: {headcount: {mode: on, environment: {SHOP_STATISTICS: opt_in}}}
exporters:
  collect:
    stats:
      WEEKLY: {interval: 168h, value: {a: {metric: m}}}
      RUN:    {interval: 12h, pace: events, value: {a: {metric: m}}}
      CHAT:   {interval: 12h, pace: events, value: {a: {metric: m}}}
`

func TestStatusOfAProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.yaml")
	require.NoError(t, os.WriteFile(file, []byte(profile), 0o600))
	settings := confmap.ResolverSettings{ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory()}, DefaultScheme: "file"}
	now := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	entries := []ledger.Entry{
		{Stat: "WEEKLY", Time: now.Add(-24 * time.Hour), Host: "example.com", Status: 202},
		{Stat: "RUN", Time: now.Add(-time.Hour), Host: "example.com", Status: 202},
		{Stat: "WEEKLY", Time: now.Add(-time.Minute), Host: "example.com"},
	}

	known, err := readConfigured(t.Context(), settings, []string{"file:" + file})
	require.NoError(t, err)
	assert.Equal(t, trust.On, known.consent.Mode)
	week := "from " + now.Add(6*24*time.Hour).Local().Format(time.RFC1123Z) + " on"
	assert.Equal(t, week, known.next("WEEKLY", entries, trust.On, now), "counted from what was accepted")
	half := "from " + now.Add(11*time.Hour).Local().Format(time.RFC1123Z) + " on"
	assert.Equal(t, half, known.next("CHAT", entries, trust.On, now), "stats with one pace share it")
	assert.Equal(t, "with the next reading", known.next("WEEKLY", nil, trust.On, now))
	assert.Equal(t, "never, while the mode is local", known.next("WEEKLY", entries, trust.Local, now))

	var out bytes.Buffer
	writeStatus(&out, &status.Status{Mode: trust.On, Who: "the configuration key mode", Entries: entries}, known, now)
	assert.Contains(t, out.String(), "Mode: on (the configuration key mode)")
	assert.Contains(t, out.String(), "no answer")
	assert.Contains(t, out.String(), week)
	assert.Regexp(t, "CHAT +never", out.String())

	t.Setenv("SHOP_STATISTICS", "no")
	known, err = readConfigured(t.Context(), settings, []string{"file:" + file})
	require.NoError(t, err)
	assert.Equal(t, trust.Decision{Mode: trust.Off, Who: "the environment variable SHOP_STATISTICS"}, known.consent)

	// A site's file takes nothing of that away, by another id or by null.
	for _, site := range []string{
		"extensions: {headcount: null, headcount/site: {mode: on}}\nservice: {extensions: [headcount/site]}\n",
		"extensions: {headcount: {environment: null}}\nservice: {extensions: [headcount]}\n",
	} {
		over := filepath.Join(t.TempDir(), "site.yaml")
		require.NoError(t, os.WriteFile(over, []byte(site), 0o600))
		known, err = readConfigured(t.Context(), settings, []string{"file:" + file, "file:" + over})
		require.NoError(t, err)
		assert.Equal(t, trust.Off, known.consent.Mode, site)
	}

	// An extension that does not run says nothing.
	t.Setenv("SHOP_STATISTICS", "")
	over := filepath.Join(t.TempDir(), "site.yaml")
	require.NoError(t, os.WriteFile(over, []byte("extensions: {headcount/site: {mode: off}}\nservice: {extensions: [headcount]}\n"), 0o600))
	known, err = readConfigured(t.Context(), settings, []string{"file:" + file, "file:" + over})
	require.NoError(t, err)
	assert.Equal(t, trust.On, known.consent.Mode)
}
