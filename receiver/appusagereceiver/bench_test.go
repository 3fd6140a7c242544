// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/collector/scraper/scraperhelper"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// bench is a receiver whose scrapes the test starts, with all that surrounds it.
type bench struct {
	t        *testing.T
	receiver component.Component
	host     *storagetest.StorageHost
	logs     *observer.ObservedLogs
	sink     *sink
	ticks    chan time.Time
}

// sink keeps what the pipeline accepted, and refuses as long as refuse is set.
type sink struct {
	consumertest.MetricsSink
	refuse error
	done   chan struct{}
}

func (s *sink) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	defer func() { s.done <- struct{}{} }()
	if s.refuse != nil {
		return s.refuse
	}
	return s.MetricsSink.ConsumeMetrics(ctx, md)
}

func named(t *testing.T, name string) *Config {
	t.Helper()
	conf, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := conf.Sub(name)
	require.NoError(t, err)
	return parsed(t, sub)
}

func parsed(t *testing.T, conf *confmap.Conf) *Config {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, conf.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}

// fromYAML is a configuration as a test writes it.
func fromYAML(t *testing.T, text string) *Config {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(text))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	return parsed(t, conf)
}

var (
	storageID = component.MustNewID("file_storage")
	consentID = component.MustNewID("headcount")
)

// newBench makes a receiver that keeps its state in folder.
func newBench(t *testing.T, cfg *Config, folder string, mode component.Component) *bench {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	b := &bench{t: t, logs: logs, sink: &sink{done: make(chan struct{}, 1)}, ticks: make(chan time.Time)}
	b.host = storagetest.NewStorageHost().WithExtension(consentID, mode)
	if cfg.Storage != nil {
		cfg.Storage = &storageID
		b.host = b.host.WithExtension(storageID, storagetest.NewFileBackedStorageExtension("file_storage", folder))
	}
	set := receivertest.NewNopSettings(metadata.Type)
	set.ID = component.NewID(metadata.Type)
	set.Logger = zap.New(core)
	var err error
	cfg.InitialDelay = 0
	b.receiver, err = newReceiver(set, cfg, b.sink, scraperhelper.WithTickerChannel(b.ticks))
	require.NoError(t, err)
	return b
}

func started(t *testing.T, cfg *Config) *bench {
	t.Helper()
	b := newBench(t, cfg, t.TempDir(), trusttest.NewExtension(trust.On))
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	t.Cleanup(b.shutdown)
	b.waits()
	return b
}

func (b *bench) shutdown() { require.NoError(b.t, b.receiver.Shutdown(context.Background())) }

// waits until the pipeline has answered.
func (b *bench) waits() { <-b.sink.done }

// scrapes once more and returns the last accepted resource.
func (b *bench) scrapes() pmetric.ResourceMetrics {
	b.ticks <- b.zero()
	b.waits()
	return b.last()
}

// zero is a tick's time, at which nobody looks.
func (*bench) zero() (tick time.Time) { return tick }

func (b *bench) last() pmetric.ResourceMetrics {
	all := b.sink.AllMetrics()
	require.NotEmpty(b.t, all)
	return all[len(all)-1].ResourceMetrics().At(0)
}

// figures are the points of a resource by metric; nil is one without a value.
func figures(rm pmetric.ResourceMetrics) map[string]any {
	found := map[string]any{}
	metrics := rm.ScopeMetrics().At(0).Metrics()
	for i := range metrics.Len() {
		point := metrics.At(i).Gauge().DataPoints().At(0)
		switch point.ValueType() {
		case pmetric.NumberDataPointValueTypeInt:
			found[metrics.At(i).Name()] = point.IntValue()
		case pmetric.NumberDataPointValueTypeDouble:
			found[metrics.At(i).Name()] = point.DoubleValue()
		default:
			found[metrics.At(i).Name()] = nil
		}
	}
	return found
}

func attributes(rm pmetric.ResourceMetrics) map[string]any { return rm.Resource().Attributes().AsRaw() }
