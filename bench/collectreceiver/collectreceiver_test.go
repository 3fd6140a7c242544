// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package collectreceiver measures the collect receiver over loopback against
// the least handler that one can write by hand, and beside the otlp receiver
// given the same numbers.
package collectreceiver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/bench/race"
	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

const (
	concurrency = 50
	body        = `{"instanceId":"b4829f17-9a18-41fa-94a5-434c88719e64","time":1795416843.181571,"value":{"assistant_enabled":false,"charts_enabled":true,"debug":true,"default_database":"sqlite","explorer_install_quarter":"Q3-2024","tasks_enabled":false,"total_log_count":1600,"total_query_count":20,"transform_count":2,"unique_connection_count":5,"unique_run_by_user_count":35,"unsafe_rendering":false,"user_dbs":3,"version":"5.3"},"name":"STARTUP_STATS"}`
)

var numbers = []string{"total_log_count", "total_query_count", "transform_count", "unique_connection_count", "unique_run_by_user_count", "user_dbs"}

func stats() map[string]any {
	value := map[string]any{}
	for _, key := range numbers {
		value[key] = map[string]any{"metric": "explorer." + key}
	}
	for _, key := range []string{"assistant_enabled", "charts_enabled", "debug", "default_database", "explorer_install_quarter", "tasks_enabled", "unsafe_rendering", "version"} {
		value[key] = map[string]any{"resource": "app." + key}
	}
	return map[string]any{"STARTUP_STATS": map[string]any{"interval": "168h", "value": value}}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func start(t testing.TB, factory receiver.Factory, settings map[string]any) {
	t.Helper()
	cfg := factory.CreateDefaultConfig()
	require.NoError(t, confmap.NewFromStringMap(settings).Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	r, err := factory.CreateMetrics(context.Background(), receivertest.NewNopSettings(factory.Type()), cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, r.Start(context.Background(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
}

// bare is what one writes in an afternoon.
func bare(t testing.TB) string {
	address := freeAddress(t)
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var stat struct {
			InstanceID string         `json:"instanceId"`
			Time       float64        `json:"time"`
			Name       string         `json:"name"`
			Value      map[string]any `json:"value"`
		}
		if err := json.NewDecoder(r.Body).Decode(&stat); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return address
}

func ours(t testing.TB) string {
	address := freeAddress(t)
	start(t, collectreceiver.NewFactory(), map[string]any{"endpoint": address, "stats": stats()})
	return address
}

func otlp(t testing.TB) string {
	address := freeAddress(t)
	start(t, otlpreceiver.NewFactory(), map[string]any{"protocols": map[string]any{"http": map[string]any{"endpoint": address}}})
	return address
}

// otlpBody is the stat as OTLP says it.
func otlpBody(t testing.TB) []byte {
	stat, err := collect.Decode([]byte(body))
	require.NoError(t, err)
	var block struct {
		Stats mapping.Definitions `mapstructure:"stats"`
	}
	require.NoError(t, confmap.NewFromStringMap(map[string]any{"stats": stats()}).Unmarshal(&block))
	metrics, _, err := mapping.New(block.Stats).Metrics(stat, mapping.Drop)
	require.NoError(t, err)
	request := pmetricotlp.NewExportRequestFromMetrics(metrics)
	require.Equal(t, len(numbers), request.Metrics().DataPointCount())
	encoded, err := request.MarshalJSON()
	require.NoError(t, err)
	return encoded
}

// client holds one connection and asks the least of the processor, so that the
// server is what is measured.
type client struct {
	connection net.Conn
	reader     *bufio.Reader
	request    []byte
}

func newClient(t testing.TB, address, path, header string, body []byte) *client {
	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", path, address, header, len(body), body)
	return &client{connection, bufio.NewReader(connection), request}
}

func (c *client) post() error {
	if _, err := c.connection.Write(c.request); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func BenchmarkRequests(b *testing.B) {
	const lap = 5000
	posting := func(name, address, path string, body []byte) race.Contender {
		clients := make([]*client, concurrency)
		for i := range clients {
			clients[i] = newClient(b, address, path, "", body)
			require.NoError(b, clients[i].post())
			b.Cleanup(func() { require.NoError(b, clients[i].connection.Close()) })
		}
		return race.Contender{Name: name, Lap: func() { posts(b, clients, lap) }}
	}
	race.Run(
		b, lap, "request",
		posting("collect", ours(b), "/stat", []byte(body)),
		posting("bare", bare(b), "/stat", []byte(body)),
		posting("otlp", otlp(b), "/v1/metrics", otlpBody(b)),
	)
}

// posts so many requests, all clients at once.
func posts(b *testing.B, clients []*client, requests int) {
	var left atomic.Int64
	left.Store(int64(requests))
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := c.post(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

const (
	silent = 10_000
	// silentTo names, to a child process, the address to which it opens silent connections.
	silentTo = "HEADCOUNT_BENCH_SILENT_TO"
)

// BenchmarkSilentConnections is what ten thousand connections that send nothing cost the
// server, and what another client feels of it. The silent client is a process of its own.
func BenchmarkSilentConnections(b *testing.B) {
	address := ours(b)
	c := newClient(b, address, "/stat", "", []byte(body))
	defer c.connection.Close()
	alone := latency(b, c)
	before := memory()

	child := exec.Command(os.Args[0], "-test.run", "^TestBeSilent$")
	child.Env = append(os.Environ(), silentTo+"="+address)
	stay, err := child.StdinPipe()
	require.NoError(b, err)
	opened, err := child.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, child.Start())
	line, err := bufio.NewReader(opened).ReadString('\n')
	require.NoError(b, err)
	require.Equal(b, "open\n", line)

	for b.Loop() {
		require.NoError(b, c.post())
	}
	beside := latency(b, c)
	b.ReportMetric(float64(memory()-before)/silent, "B/connection")
	b.ReportMetric(float64(alone), "alone-ns/request")
	b.ReportMetric(float64(beside), "beside-ns/request")
	require.NoError(b, stay.Close())
	require.NoError(b, child.Wait())
}

// TestBeSilent is the child: it opens connections, says so, and holds them until its input ends.
func TestBeSilent(t *testing.T) {
	address := os.Getenv(silentTo)
	if address == "" {
		t.Skip("it is the client of BenchmarkSilentConnections")
	}
	for i := range silent {
		connection, err := net.Dial("tcp", address)
		require.NoError(t, err, "connection %d", i)
		defer connection.Close()
	}
	fmt.Println("open")
	_, err := io.Copy(io.Discard, os.Stdin)
	require.NoError(t, err)
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

func latency(t testing.TB, c *client) time.Duration {
	const requests = 1000
	begin := time.Now()
	for range requests {
		require.NoError(t, c.post())
	}
	return time.Since(begin) / requests
}

func TestPeersGetTheSame(t *testing.T) {
	require.True(t, bytes.Contains(otlpBody(t), []byte("explorer.total_log_count")))
}
