// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"
)

// What mdatagen writes for every other component; it cannot serve the module's root.

func TestFactoryType(t *testing.T) {
	factory := NewFactory()
	assert.Equal(t, component.MustNewType("headcount"), factory.Type())
	assert.Equal(t, component.StabilityLevelAlpha, factory.Stability())
	require.NoError(t, componenttest.CheckConfigStruct(factory.CreateDefaultConfig()))
	require.NoError(t, factory.CreateDefaultConfig().(*Config).Validate())
}

func TestLifecycle(t *testing.T) {
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig().(*Config)
	cfg.Endpoint = "127.0.0.1:0"
	set := extensiontest.NewNopSettings(factory.Type())

	t.Run("shutdown without a start", func(t *testing.T) {
		ext, err := factory.Create(t.Context(), set, cfg)
		require.NoError(t, err)
		require.NoError(t, ext.Shutdown(t.Context()))
	})
	t.Run("two lives, and a second shutdown", func(t *testing.T) {
		for range 2 {
			ext, err := factory.Create(t.Context(), set, cfg)
			require.NoError(t, err)
			require.NoError(t, ext.Start(t.Context(), componenttest.NewNopHost()))
			require.NoError(t, ext.Shutdown(t.Context()))
			require.NoError(t, ext.Shutdown(t.Context()))
		}
	})
	t.Run("what a Collector does", func(t *testing.T) {
		ext, err := factory.Create(t.Context(), set, cfg)
		require.NoError(t, err)
		h := ext.(*headcount)
		require.NoError(t, h.Start(t.Context(), componenttest.NewNopHost()))
		require.NoError(t, h.Ready())
		require.NoError(t, h.NotReady())
		require.NoError(t, h.Shutdown(t.Context()))
	})
}
