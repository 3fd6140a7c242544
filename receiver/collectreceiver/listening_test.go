// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func TestNothingListensWhileOff(t *testing.T) {
	headcount, files := component.MustNewID("headcount"), component.MustNewID("file_storage")
	for name, key := range map[string]*component.ID{"without a consent key": nil, "named": &headcount} {
		t.Run(name, func(t *testing.T) {
			folder, address, consent := t.TempDir(), porttest.Address(t), trusttest.NewExtension(trust.Off)
			factory := filestorage.NewFactory()
			cfg := factory.CreateDefaultConfig().(*filestorage.Config)
			cfg.Directory = folder
			storage, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
			require.NoError(t, err)
			host := trusttest.Host{headcount: consent, files: storage}
			r := newReceiverOf(t, func(c *Config) {
				c.Consent, c.Storage = key, &files
				c.ServerConfig.NetAddr.Endpoint = address
			})
			require.NoError(t, r.Start(t.Context(), host))
			assert.False(t, listens(address))
			assert.Empty(t, entries(t, folder), "what is remembered is not opened either")

			consent.SetMode(trust.Local)
			assert.True(t, listens(address), "as soon as it may")
			consent.SetMode(trust.On)
			assert.True(t, listens(address))
			consent.SetMode(trust.Off)
			assert.False(t, listens(address), "by the time that the choice is answered")
			consent.SetMode(trust.Off)
			consent.SetMode(trust.On)
			rig := &rig{t: t, receiver: r, url: "http://" + address}
			assert.Equal(t, http.StatusOK, rig.post(usage(`"users":1`)).status)

			require.NoError(t, r.Shutdown(context.Background()))
			assert.False(t, listens(address))
			require.NoError(t, r.port.Follow(t.Context()), "a late change opens nothing")
			assert.False(t, listens(address))
			http.DefaultClient.CloseIdleConnections()
		})
	}
}

func TestAReceiverThatIsLeftOutListens(t *testing.T) {
	address := porttest.Address(t)
	r := newReceiverOf(t, func(c *Config) {
		c.Consent = &trust.Nobody
		c.ServerConfig.NetAddr.Endpoint = address
	})
	host := trusttest.Host{component.MustNewID("headcount"): trusttest.NewExtension(trust.Off)}
	require.NoError(t, r.Start(t.Context(), host))
	assert.True(t, listens(address))
	require.NoError(t, r.Shutdown(context.Background()))
}

func newReceiverOf(t *testing.T, change func(*Config)) *collectReceiver {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Unmapped = "keep"
	change(cfg)
	require.NoError(t, cfg.Validate())
	r, err := newReceiver(receivertest.NewNopSettings(metadata.Type), cfg, new(consumertest.MetricsSink))
	require.NoError(t, err)
	return r
}

func entries(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	found, err := os.ReadDir(folder)
	require.NoError(t, err)
	return found
}
