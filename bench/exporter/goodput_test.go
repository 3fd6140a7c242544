// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exporter

import (
	"bytes"
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/bench/race"
	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/trust"
)

const (
	faultyAtOnce = 64
	// life is how many reports one process delivers before it ends.
	life = 500
	// firstWait of both clients after a failure; it doubles up to lastWait.
	firstWait, lastWait = 5 * time.Millisecond, 80 * time.Millisecond
)

// faulty is an endpoint of which 30 % of the answers are a 503 and 10 % of the connections are
// cut. It accepts each installation once, and counts what comes a second time under another key.
type faulty struct {
	*httptest.Server
	requests atomic.Uint64
	mu       sync.Mutex
	keys     map[string]string // by installation
	twice    int
	accepted chan struct{}
}

func newFaulty(b *testing.B) *faulty {
	f := &faulty{keys: map[string]string{}, accepted: make(chan struct{}, lap)}
	f.Server = httptest.NewServer(f)
	b.Cleanup(f.Close)
	return f
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch fate := hash(f.requests.Add(1)) % 10; {
	case fate < 3:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case fate == 3:
		panic(http.ErrAbortHandler)
	}
	stat, err := collect.Decode(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	key, known := f.keys[stat.InstanceID]
	if known && key != r.Header.Get("Idempotency-Key") {
		f.twice++
	}
	f.keys[stat.InstanceID] = r.Header.Get("Idempotency-Key")
	f.mu.Unlock()
	if !known {
		f.accepted <- struct{}{}
	}
}

// hash draws the same fates in each run.
func hash(n uint64) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	return h.Sum64() >> 7
}

// BenchmarkGoodput: accepted reports a second under faults, beside a bare client that
// retries after the same waits; each ends and begins anew every 500 reports.
func BenchmarkGoodput(b *testing.B) {
	race.Run(b, lap, "report", faultyExporter(b), faultyClient(b))
}

func faultyExporter(b *testing.B) race.Contender {
	f := newFaulty(b)
	b.Cleanup(func() { require.Zero(b, f.twice, "counted twice") })
	b.Cleanup(trust.EnforceRules("rules", trust.Random{}))
	files := host{storageID: fileStorage(b, false)}
	reports, first := make([]pmetric.Metrics, lap), 0
	return race.Contender{
		Name: "collect",
		Prepare: func() {
			for i := range reports {
				reports[i] = installation(first + i)
			}
			first += lap
		},
		Lap: func() {
			for part := range lap / life {
				oneLife(b, f, files, reports[part*life:][:life])
			}
		},
	}
}

// oneLife is a process from its start until all of its reports are accepted.
func oneLife(b *testing.B, f *faulty, files host, reports []pmetric.Metrics) {
	factory := collectexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*collectexporter.Config)
	cfg.ClientConfig.Endpoint = f.URL
	cfg.ClientConfig.Keepalive.Get().MaxIdleConnsPerHost = faultyAtOnce
	cfg.Stats, cfg.Storage = definitions, &storageID
	cfg.SendingQueue.Get().NumConsumers, cfg.SendingQueue.Get().QueueSize = faultyAtOnce, life
	cfg.RetryOnFailure.InitialInterval, cfg.RetryOnFailure.Multiplier = firstWait, 2
	cfg.RetryOnFailure.MaxInterval, cfg.RetryOnFailure.RandomizationFactor = lastWait, 0
	set := exportertest.NewNopSettings(factory.Type())
	set.ID = component.NewID(factory.Type())
	exporter, err := factory.CreateMetrics(context.Background(), set, cfg)
	require.NoError(b, err)
	require.NoError(b, exporter.Start(context.Background(), files))
	for _, metrics := range reports {
		if err := exporter.ConsumeMetrics(trust.Anonymized(context.Background(), metrics, "rules", trust.Nulls{}), metrics); err != nil {
			panic(err)
		}
	}
	for range reports {
		<-f.accepted
	}
	require.NoError(b, exporter.Shutdown(context.Background()))
}

func faultyClient(b *testing.B) race.Contender {
	f := newFaulty(b)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = faultyAtOnce
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	b.Cleanup(transport.CloseIdleConnections)
	stats := mapping.New(definitions)
	bodies, first := make([][]byte, lap), 0
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
			for part := range lap / life {
				clientLife(client, f, bodies[part*life:][:life])
				transport.CloseIdleConnections() // a process that ends has none
			}
		},
	}
}

// clientLife posts until all of the bodies are accepted.
func clientLife(client *http.Client, f *faulty, bodies [][]byte) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range faultyAtOnce {
		all.Go(func() {
			for i := next.Add(1) - 1; i < life; i = next.Add(1) - 1 {
				insist(client, f.URL, bodies[i])
			}
		})
	}
	all.Wait()
	for range bodies {
		<-f.accepted
	}
}

// insist posts a body until it is accepted.
func insist(client *http.Client, url string, body []byte) {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		resp, err := client.Post(url, "application/json", bytes.NewReader(body))
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(wait)
	}
}
