// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
)

// life runs a connector on the storage in folder, and ends it.
func life(t *testing.T, folder string, change func(*Config), during func(*rig)) {
	t.Helper()
	disk := storagetest.NewFileBackedStorageExtension("disk", folder)
	sink := new(consumertest.MetricsSink)
	r := startRig(t, connectortest.NewNopSettings(metadata.Type), storagetest.NewStorageHost().WithExtension(disk.ID, disk), sink, func(cfg *Config) {
		cfg.Storage = &disk.ID
		change(cfg)
	})
	r.sink = sink
	during(r)
	require.NoError(t, r.c.Shutdown(context.Background()))
}

func TestRestartForgetsNothing(t *testing.T) {
	folder := t.TempDir()
	configure := func(cfg *Config) {
		cfg.Metrics = numberRules{"x": {Window: time.Hour}, "y": {}}
		cfg.Resource = textRules{"v": {}}
	}
	var before []string
	life(t, folder, configure, func(r *rig) {
		for i := range 500 {
			r.hear(fmt.Sprint("canary-", i), "x", i, "v", fmt.Sprint("5.", i%3))
		}
		before = r.tells()
		r.hear("canary-0", "x", 0)
	})
	stored, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.NotEmpty(t, stored)
	for _, file := range stored {
		content, err := os.ReadFile(filepath.Join(folder, file.Name()))
		require.NoError(t, err)
		assert.NotContains(t, string(content), "canary", "no id is stored")
	}
	life(t, folder, configure, func(r *rig) {
		assert.Equal(t, before, r.tells())
		r.hear("canary-7", "x", 0)
		assert.Contains(t, r.tells(), "fleet.installation.count{} 500 {installation}", "an id is the same one after the restart")
		r.at = r.at.Add(2 * time.Hour)
		assert.NotContains(t, strings.Join(r.tells(), "\n"), "fleet.x.", "windows go on")
		r.at = r.at.Add(1000 * time.Hour)
		assert.Empty(t, r.tells())
	})
	life(t, folder, configure, func(r *rig) { assert.Empty(t, r.c.fleet.places, "what is forgotten is forgotten on disk too") })
}

// A figure that was added, removed or given other parameters finds only its own answers.
func TestRestartWithAnotherConfiguration(t *testing.T) {
	folder := t.TempDir()
	life(t, folder, func(cfg *Config) {
		cfg.Metrics = numberRules{"gone": {}, "bit": {OneBit: &rule.OneBit{Max: 10}}, "kept": {}}
	}, func(r *rig) {
		for i := range 10 {
			r.hear(fmt.Sprint(i), "gone", 1, "bit", 1, "kept", 3)
		}
	})
	life(t, folder, func(cfg *Config) {
		cfg.MaxInstallations = 8
		cfg.Metrics = numberRules{"added": {}, "bit": {OneBit: &rule.OneBit{Max: 20}}, "kept": {Unit: "{thing}"}}
	}, func(r *rig) {
		r.at = r.at.Add(time.Second)
		assert.Equal(t, []string{
			"fleet.installation.count{} 8 {installation}",
			"fleet.kept.installation.count{} 8 {installation}", "fleet.kept.mean{} 3 {thing}", "fleet.kept.sum{} 24 {thing}",
		}, r.tells())
	})
}

func TestGarbledStateIsNotMadeAnew(t *testing.T) {
	for key, record := range map[string]string{
		"key":              `{"version":1,"record":{"key":"AAAA"}}`,
		"installations/07": `{"version":1,"record":`,
		"fleet/08":         "\x00\x00\x00\x02 torn",
		"journal":          "short",
		"told":             "{",
	} {
		disk := storagetest.NewFileBackedStorageExtension("disk", t.TempDir())
		host := storagetest.NewStorageHost().WithExtension(disk.ID, disk)
		start := func() error {
			set := connectortest.NewNopSettings(metadata.Type)
			set.ID = component.NewID(metadata.Type)
			cfg := createDefaultConfig().(*Config)
			cfg.Storage = &disk.ID
			c, err := newFleetConnector(set, cfg, consumertest.NewNop())
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Shutdown(t.Context())) }()
			return c.Start(t.Context(), host)
		}
		require.NoError(t, start())
		client, err := disk.GetClient(t.Context(), component.KindConnector, component.NewID(metadata.Type), "")
		require.NoError(t, err)
		require.NoError(t, client.Set(t.Context(), key, []byte(record)))
		require.NoError(t, client.Close(t.Context()))
		assert.ErrorContains(t, start(), `"`+key+`" is garbled`)
	}
}

// What cannot be stored is not acknowledged: whoever sent it comes again.
func TestFullDisk(t *testing.T) {
	disk := &fullDisk{TestStorage: storagetest.NewFileBackedStorageExtension("disk", t.TempDir())}
	r := startOn(t, connectortest.NewNopSettings(metadata.Type), disk)
	disk.full = true
	for i := range 30 {
		require.ErrorContains(t, r.c.ConsumeMetrics(t.Context(), reportOf(fmt.Sprint(i), "x", 1)), "cannot be stored")
	}
	disk.full = false
	for i := range 30 {
		r.hear(fmt.Sprint(i), "x", 1)
	}
	require.NoError(t, r.c.Shutdown(t.Context()))

	assert.Len(t, startOn(t, connectortest.NewNopSettings(metadata.Type), disk).c.fleet.places, 30)
}

func startOn(t *testing.T, set connector.Settings, disk *fullDisk) *rig {
	return startRig(t, set, storagetest.NewStorageHost().WithExtension(disk.ID, disk), consumertest.NewNop(), func(cfg *Config) {
		cfg.Storage, cfg.Metrics = &disk.ID, numberRules{"x": {}}
	})
}

// fullDisk is a storage that, once full, stores no installations.
type fullDisk struct {
	*storagetest.TestStorage
	full bool
}

func (d *fullDisk) GetClient(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	client, err := d.TestStorage.GetClient(ctx, kind, id, name)
	return &fullClient{client, d}, err
}

type fullClient struct {
	storage.Client
	disk *fullDisk
}

func (c *fullClient) Batch(ctx context.Context, operations ...*storage.Operation) error {
	if c.disk.full {
		return errors.New("no space left on device")
	}
	return c.Client.Batch(ctx, operations...)
}
