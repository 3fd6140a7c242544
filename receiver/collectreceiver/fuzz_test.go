// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
)

// FuzzRequest gives the server's whole chain of handlers any request that
// net/http can read. Whatever it is: one of the documented statuses, no panic,
// and what is passed on comes of a stat that Decode reads.
func FuzzRequest(f *testing.F) {
	post := "POST /stat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for _, seed := range []string{
		post + "Content-Length: 77\r\n\r\n" + `{"instanceId":"i","time":1795392000.0,"value":{"users":35},"name":"USAGE"}   `,
		post + "Idempotency-Key: k\r\nContent-Length: 76\r\n\r\n" + `{"instanceId":"i","time":1.5,"value":{"users_by_plan":{"a":1}},"name":"USAGE"}`,
		post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		post + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
		post + "Content-Length: 7\r\n\r\n" + `{"value"`,
		"GET / HTTP/1.0\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	server, logs := fuzzServer(f)
	f.Fuzz(func(t *testing.T, wire []byte) {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		response := httptest.NewRecorder()
		server.Handler.ServeHTTP(response, request)
		require.Contains(t, []int{200, 400, 404, 405, 413, 415}, response.Code)
		require.Empty(t, logs.TakeAll(), "a panic")
	})
}

// FuzzBody gives the handler any body.
func FuzzBody(f *testing.F) {
	f.Add([]byte(usage(`"users":35,"users_by_plan":{"free":20.0},"version":"5.3"`)))
	f.Add([]byte(usage(`"users":{"5":1,"+Inf":2}`)))
	f.Add([]byte(usage(`"users":null,"error":"x"`)))
	server, logs := fuzzServer(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		request := httptest.NewRequest(http.MethodPost, "/stat", bytes.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		response := httptest.NewRecorder()
		server.Handler.ServeHTTP(response, request)
		_, err := collect.Decode(body)
		switch response.Code {
		case http.StatusOK:
			require.NoError(t, err)
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("status %d", response.Code)
		}
		require.Empty(t, logs.TakeAll(), "a panic")
	})
}

// fuzzServer is the server as Start makes it, without its listener.
func fuzzServer(f *testing.F) (*http.Server, *observer.ObservedLogs) {
	core, logs := observer.New(zap.WarnLevel)
	set := receivertest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(core)
	cfg := createDefaultConfig().(*Config)
	cfg.Stats = mapping.Definitions{"USAGE": {Value: fields{
		"users":         {Metric: "app.users"},
		"users_by_plan": {Metric: "plan.users", By: "plan"},
		"version":       {Resource: "service.version"},
	}}}
	cfg.Unmapped = mapping.Keep
	stats := mapping.New(cfg.Stats)
	next := consumerFunc(func(_ context.Context, m pmetric.Metrics) error {
		for range stats.Stats(m.ResourceMetrics().At(0), time.Now(), nil) { //nolint:revive // must not panic either
		}
		return nil
	})
	r, err := newReceiver(set, cfg, next)
	require.NoError(f, err)
	r.handler.ledger, err = trust.LedgerOf(componenttest.NewNopHost(), nil)
	require.NoError(f, err)
	server, err := r.newServer(context.Background(), componenttest.NewNopHost())
	require.NoError(f, err)
	return server, logs
}
