// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"os"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// The names are those that contrib's file_storage gives.
func TestNames(t *testing.T) {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = t.TempDir()
	ext, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	kinds := []component.Kind{component.KindReceiver, component.KindProcessor, component.KindExporter, component.KindExtension, component.KindConnector}
	for i, c := range []struct{ owner, part string }{
		{"collect", ""}, {"collect/eu", "metrics"}, {"collect/" + strings.Repeat("x", 300), ""}, {"headcount/ü", "part/x"},
	} {
		var owner component.ID
		require.NoError(t, owner.UnmarshalText([]byte(c.owner)))
		client, err := ext.(storage.Extension).GetClient(t.Context(), kinds[i], owner, c.part)
		require.NoError(t, err)
		require.NoError(t, client.Close(t.Context()))
		entries, err := os.ReadDir(cfg.Directory)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		assert.Equal(t, entries[0].Name(), Name(kinds[i], owner, c.part))
		require.NoError(t, os.Remove(cfg.Directory+"/"+entries[0].Name()))
	}
}
