// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
)

type fields = conf.Map[mapping.Origin]

// rig is a running receiver.
type rig struct {
	t        *testing.T
	receiver *collectReceiver
	url      string
}

// newRig starts a receiver of USAGE; change changes its configuration.
func newRig(t *testing.T, next consumer.Metrics, change func(*Config)) *rig {
	return startRig(t, next, receivertest.NewNopSettings(metadata.Type), componenttest.NewNopHost(), change)
}

func startRig(t *testing.T, next consumer.Metrics, set receiver.Settings, host component.Host, change func(*Config)) *rig {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = "127.0.0.1:0"
	cfg.Stats = mapping.Definitions{"USAGE": {Value: fields{
		"users":         {Metric: "app.users"},
		"users_by_plan": {Metric: "plan.users", By: "plan"},
		"version":       {Resource: "service.version"},
	}}}
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	r, err := newReceiver(set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(context.Background(), host))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		require.NoError(t, r.Shutdown(context.Background()))
	})
	return &rig{t: t, receiver: r, url: "http://" + r.address.String()}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do makes a request; headers are name, value, name, value.
func (r *rig) do(method, path, body string, headers ...string) answer {
	r.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, r.url+path, strings.NewReader(body))
	require.NoError(r.t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	return answer{response.StatusCode, response.Header, string(text)}
}

func (r *rig) post(body string, headers ...string) answer {
	r.t.Helper()
	return r.do(http.MethodPost, "/stat", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// usage is a body with these members of value.
func usage(value string) string {
	return `{"instanceId":"secret-id","time":1795392000.0,"value":{` + value + `},"name":"USAGE"}`
}

// consumerFunc is a pipeline.
type consumerFunc func(context.Context, pmetric.Metrics) error

func (consumerFunc) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (f consumerFunc) ConsumeMetrics(ctx context.Context, m pmetric.Metrics) error { return f(ctx, m) }

// sumOf adds all points of a counter.
func sumOf(m metricdata.Metrics) (total int64) {
	for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
		total += p.Value
	}
	return total
}
