// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// app posts stats as an app does: again under the same key until one is
// accepted, or refused for good.
type app struct {
	t        *testing.T
	endpoint string
	number   atomic.Int64
	client   *http.Client
}

func (a *app) Start() { a.client = &http.Client{Transport: &http.Transport{}} }

func (a *app) Stop() { a.client.CloseIdleConnections() }

func (a *app) Generate() []receivertest.UniqueIDAttrVal {
	id := fmt.Sprint(a.number.Add(1))
	body := `{"instanceId":"i","time":1795392000.0,"value":{"ids":{"` + id + `":1}},"name":"N"}`
	for {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+a.endpoint+"/stat", bytes.NewReader([]byte(body)))
		require.NoError(a.t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", id)
		response, err := a.client.Do(request)
		require.NoError(a.t, err)
		require.NoError(a.t, response.Body.Close())
		if response.StatusCode != http.StatusServiceUnavailable {
			return []receivertest.UniqueIDAttrVal{receivertest.UniqueIDAttrVal(id)}
		}
	}
}

func TestConsumeContract(t *testing.T) {
	endpoint := porttest.Address(t)
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = endpoint
	cfg.Stats = mapping.Definitions{"N": {Value: fields{"ids": {Metric: "ids", By: receivertest.UniqueIDAttrName}}}}
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: NewFactory(), Signal: pipeline.SignalMetrics, Config: cfg,
		Generator: &app{t: t, endpoint: endpoint}, GenerateCount: 200,
	})
}
