// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package exporter measures the collect exporter end to end over loopback,
// beside a bare net/http client that posts the same bodies, and beside otlphttp
// with JSON encoding for the same points.
package exporter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	collectorexporter "go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/bench/race"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/trust"
)

const (
	concurrency = 10
	// lap is how many stats one contender sends before it is the other's turn.
	lap = 2000
)

// makers counts what it is sent.
type makers struct {
	*httptest.Server
	arrived atomic.Int64
	laps    chan struct{}
}

func newMakers(b *testing.B) *makers {
	m := &makers{laps: make(chan struct{}, 1)}
	m.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if m.arrived.Add(1)%lap == 0 {
			m.laps <- struct{}{}
		}
	}))
	b.Cleanup(m.Close)
	return m
}

// BenchmarkRate: queue in memory, no storage.
func BenchmarkRate(b *testing.B) {
	race.Run(b, lap, "stat", collecting(b, "collect", concurrency, nil), bareClient(b))
}

// BenchmarkStorage: what remembering on disk costs beside a memory that ends with the
// process, for so many installations at once, without and with fsync. `queue` has the
// Collector's queue on the same disk as well.
func BenchmarkStorage(b *testing.B) {
	for _, fsync := range []bool{false, true} {
		for _, atOnce := range []int{1, 10, 64, 256} {
			b.Run(fmt.Sprintf("fsync=%t/at-once=%d", fsync, atOnce), func(b *testing.B) {
				race.Run(b, lap, "stat", collecting(b, "storage", atOnce, fileStorage(b, fsync)), collecting(b, "memory", atOnce, nil))
			})
		}
	}
	b.Run("fsync=true/at-once=64/queue", func(b *testing.B) {
		race.Run(b, lap, "stat", queueing(b, "storage", 64, fileStorage(b, true)), collecting(b, "memory", 64, nil))
	})
}

// BenchmarkBesideOTLP: the same points by otlphttp with JSON encoding, one request a resource.
func BenchmarkBesideOTLP(b *testing.B) {
	race.Run(b, lap, "stat", collecting(b, "collect", concurrency, nil), otlp(b))
}

func bareClient(b *testing.B) race.Contender {
	m := newMakers(b)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = concurrency
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	b.Cleanup(transport.CloseIdleConnections)
	stats := mapping.New(definitions)
	bodies := make([][]byte, lap)
	first := 0 // each lap has installations of its own, none of which has reported yet
	return race.Contender{
		Name: "net-http",
		Prepare: func() {
			for i := range bodies {
				for stat := range stats.Stats(installation(first+i).ResourceMetrics().At(0), time.Now(), nil) {
					bodies[i], _ = stat.AppendJSON(nil)
				}
			}
			first += lap
		},
		Lap: func() {
			var next atomic.Int64
			var all sync.WaitGroup
			for range concurrency {
				all.Go(func() {
					for i := next.Add(1) - 1; i < lap; i = next.Add(1) - 1 {
						resp, err := client.Post(m.URL, "application/json", bytes.NewReader(bodies[i]))
						if err != nil {
							panic(err)
						}
						_, _ = io.Copy(io.Discard, resp.Body)
						_ = resp.Body.Close()
					}
				})
			}
			all.Wait()
			<-m.laps
		},
	}
}

func collecting(b *testing.B, name string, atOnce int, storage component.Component) race.Contender {
	return sending(b, name, atOnce, storage, func(*collectexporter.Config) {})
}

// queueing is collecting with the Collector's queue in the same storage.
func queueing(b *testing.B, name string, atOnce int, storage component.Component) race.Contender {
	return sending(b, name, atOnce, storage, func(cfg *collectexporter.Config) { cfg.SendingQueue.Get().StorageID = &storageID })
}

func sending(b *testing.B, name string, atOnce int, storage component.Component, change func(*collectexporter.Config)) race.Contender {
	m := newMakers(b)
	factory := collectexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*collectexporter.Config)
	cfg.ClientConfig.Endpoint = m.URL
	cfg.ClientConfig.Keepalive.Get().MaxIdleConnsPerHost = atOnce
	cfg.Stats = definitions
	// A report has its place until its answer was dealt with, so that those of the lap before may still be there.
	waiting := cfg.SendingQueue.Get()
	waiting.NumConsumers, waiting.QueueSize = atOnce, 2*lap
	if storage != nil {
		cfg.Storage = &storageID
	}
	change(cfg)
	exporter, err := factory.CreateMetrics(context.Background(), exportertest.NewNopSettings(factory.Type()), cfg)
	require.NoError(b, err)
	return exporting(b, name, exporter, m, storage)
}

func otlp(b *testing.B) race.Contender {
	m := newMakers(b)
	factory := otlphttpexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*otlphttpexporter.Config)
	cfg.ClientConfig.Endpoint = m.URL
	cfg.ClientConfig.Compression = ""
	cfg.ClientConfig.Keepalive.Get().MaxIdleConnsPerHost = concurrency
	cfg.Encoding = otlphttpexporter.EncodingJSON
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.NumConsumers, queue.QueueSize = concurrency, 2*lap
	cfg.QueueConfig = configoptional.Some(queue)
	exporter, err := factory.CreateMetrics(context.Background(), exportertest.NewNopSettings(factory.Type()), cfg)
	require.NoError(b, err)
	return exporting(b, "otlphttp-json", exporter, m, nil)
}

func exporting(b *testing.B, name string, exporter collectorexporter.Metrics, m *makers, storage component.Component) race.Contender {
	b.Cleanup(trust.EnforceRules("rules", trust.Random{}))
	require.NoError(b, exporter.Start(context.Background(), host{storageID: storage}))
	b.Cleanup(func() { require.NoError(b, exporter.Shutdown(context.Background())) })
	reports, marked := make([]pmetric.Metrics, lap), make([]context.Context, lap)
	first := 0 // each lap has installations of its own, none of which has reported yet
	return race.Contender{
		Name: name,
		Prepare: func() {
			for i := range reports {
				reports[i] = installation(first + i)
				marked[i] = trust.Anonymized(context.Background(), reports[i], "rules", trust.Nulls{})
			}
			first += lap
		},
		Lap: func() {
			for i, metrics := range reports {
				if err := exporter.ConsumeMetrics(marked[i], metrics); err != nil {
					panic(err)
				}
			}
			<-m.laps
		},
	}
}

var (
	storageID   = component.MustNewID("file_storage")
	definitions = mapping.Definitions{"STARTUP_STATS": {Interval: 168 * time.Hour, Value: map[string]mapping.Origin{}}}
)

func init() {
	for i := range 6 {
		definitions["STARTUP_STATS"].Value[fmt.Sprintf("metric_%d", i)] = mapping.Origin{Metric: fmt.Sprintf("app.metric.%d", i)}
	}
	for i := range 8 {
		definitions["STARTUP_STATS"].Value[fmt.Sprintf("attribute_%d", i)] = mapping.Origin{Resource: fmt.Sprintf("app.attribute.%d", i)}
	}
}

// installation is one installation's report: six metrics and eight attributes make 14 fields.
func installation(i int) pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	attributes := resource.Resource().Attributes()
	attributes.PutStr(mapping.InstanceID, fmt.Sprintf("%08x-1111-4222-8333-444444444444", i))
	for i := range 4 {
		attributes.PutStr(fmt.Sprintf("app.attribute.%d", i), "sqlite")
		attributes.PutBool(fmt.Sprintf("app.attribute.%d", i+4), true)
	}
	scope := resource.ScopeMetrics().AppendEmpty()
	for i := range 6 {
		metric := scope.Metrics().AppendEmpty()
		metric.SetName(fmt.Sprintf("app.metric.%d", i))
		point := metric.SetEmptyGauge().DataPoints().AppendEmpty()
		point.SetIntValue(1600)
		point.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)))
	}
	return metrics
}

type host map[component.ID]component.Component

func (h host) GetExtensions() map[component.ID]component.Component { return h }

func fileStorage(b *testing.B, fsync bool) component.Component {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory, cfg.FSync = b.TempDir(), fsync
	ext, err := factory.Create(context.Background(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(b, err)
	require.NoError(b, ext.Start(context.Background(), componenttest.NewNopHost()))
	return ext
}
