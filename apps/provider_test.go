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
	p := provider(t)
	require.NoError(t, confmaptest.ValidateProviderScheme(p))
	require.NotEmpty(t, apps.Names())
	for _, name := range apps.Names() {
		retrieved, err := p.Retrieve(t.Context(), "app:"+name, nil)
		require.NoError(t, err, name)
		conf, err := retrieved.AsConf()
		require.NoError(t, err, name)
		assert.NotEmpty(t, conf.ToStringMap(), name)
	}
}

func TestUnknownProfileIsAnsweredWithTheList(t *testing.T) {
	_, err := provider(t).Retrieve(t.Context(), "app:sql-explorr", nil)
	require.ErrorContains(t, err, `"sql-explorr"`)
	for _, name := range apps.Names() {
		assert.ErrorContains(t, err, name)
	}
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
