// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package apps_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/headcount-otel/headcount/apps"
)

func provider(t *testing.T) confmap.Provider {
	t.Helper()
	return apps.NewFactory().Create(confmaptest.NewNopProviderSettings())
}

func TestEveryProfileIsServed(t *testing.T) {
	require.NotEmpty(t, apps.Profiles())
	for _, profile := range apps.Profiles() {
		p := provider(t)
		require.NoError(t, confmaptest.ValidateProviderScheme(p))
		if len(profile.Over) > 0 && profile.Over[0] != apps.AnyProfile {
			_, err := p.Retrieve(t.Context(), "app:"+profile.Over[0], nil)
			require.NoError(t, err)
		}
		retrieved, err := p.Retrieve(t.Context(), "app:"+profile.Name, nil)
		require.NoError(t, err, profile.Name)
		conf, err := retrieved.AsConf()
		require.NoError(t, err, profile.Name)
		assert.NotEmpty(t, conf.ToStringMap(), profile.Name)
	}
}

func TestUnknownProfileIsAnsweredWithTheList(t *testing.T) {
	_, err := provider(t).Retrieve(t.Context(), "app:sql-explorr", nil)
	require.ErrorContains(t, err, `"sql-explorr"`)
	for _, profile := range apps.Profiles() {
		assert.ErrorContains(t, err, profile.Name)
	}
	assert.NotContains(t, err.Error(), "sql-explorer-strict")
}

func TestOverlayBeforeItsProfileSaysSo(t *testing.T) {
	_, err := provider(t).Retrieve(t.Context(), "app:strict", nil)
	require.ErrorContains(t, err, "app:strict is laid over")
	assert.ErrorContains(t, err, "before it")
}

func TestNamesStayInsideTheFolder(t *testing.T) {
	for _, name := range []string{"", "../apps/demo", "/etc/passwd", "demo.yaml", "."} {
		_, err := provider(t).Retrieve(t.Context(), "app:"+name, nil)
		assert.Error(t, err, name)
	}
}

func TestStrictIsTheOverlayOfTheProfileBeforeIt(t *testing.T) {
	p := provider(t)
	_, err := p.Retrieve(t.Context(), "app:strict", nil)
	require.Error(t, err, "there is no profile before it")

	_, err = p.Retrieve(t.Context(), "app:sql-explorer", nil)
	require.NoError(t, err)
	_, err = p.Retrieve(t.Context(), "app:demo", nil)
	require.NoError(t, err)
	short, err := p.Retrieve(t.Context(), "app:strict", nil)
	require.NoError(t, err)
	long, err := p.Retrieve(t.Context(), "app:sql-explorer-strict", nil)
	require.NoError(t, err)

	shortConf, err := short.AsConf()
	require.NoError(t, err)
	longConf, err := long.AsConf()
	require.NoError(t, err)
	assert.Equal(t, longConf.ToStringMap(), shortConf.ToStringMap())
}
