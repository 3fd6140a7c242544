// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package otlpreceiver

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/goleak"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var headcount = component.MustNewID("headcount")

// site is one receiver in a pipeline of metrics and one of traces.
type site struct {
	address string
	consent *trusttest.Extension
	metrics consumertest.MetricsSink
	traces  consumertest.TracesSink
	start   func() error
}

func newSite(t *testing.T, mode trust.Mode, more map[string]any) *site {
	t.Helper()
	s := &site{address: porttest.Address(t), consent: trusttest.NewExtension(mode)}
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig()
	conf := confmap.NewFromStringMap(map[string]any{"protocols": map[string]any{"http": map[string]any{"endpoint": s.address}}})
	require.NoError(t, conf.Merge(confmap.NewFromStringMap(more)))
	require.NoError(t, conf.Unmarshal(&cfg))
	require.NoError(t, confmap.Validate(cfg))
	set := receivertest.NewNopSettings(factory.Type())
	metrics, err := factory.CreateMetrics(t.Context(), set, cfg, &s.metrics)
	require.NoError(t, err)
	traces, err := factory.CreateTraces(t.Context(), set, cfg, &s.traces)
	require.NoError(t, err)
	on := trusttest.Host{headcount: s.consent}
	s.start = func() error {
		for _, c := range []component.Component{metrics, traces} {
			if err := c.Start(t.Context(), on); err != nil {
				return err
			}
		}
		return nil
	}
	t.Cleanup(func() {
		for _, c := range []component.Component{traces, metrics} {
			assert.NoError(t, c.Shutdown(context.WithoutCancel(t.Context())))
		}
		assert.Empty(t, made.receivers)
	})
	return s
}

// post sends one request of each signal; false where nobody listens.
func (s *site) post(t *testing.T) bool {
	t.Helper()
	metrics, err := pmetricotlp.NewExportRequestFromMetrics(pmetric.NewMetrics()).MarshalProto()
	require.NoError(t, err)
	traces, err := ptraceotlp.NewExportRequestFromTraces(ptrace.NewTraces()).MarshalProto()
	require.NoError(t, err)
	for path, body := range map[string][]byte{"/v1/metrics": metrics, "/v1/traces": traces} {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := client.Post("http://"+s.address+path, "application/x-protobuf", bytes.NewReader(body))
		if err != nil {
			return false
		}
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
	}
	return true
}

func TestItListensWhileItIsNotOff(t *testing.T) {
	s := newSite(t, trust.Off, nil)
	require.NoError(t, s.start())
	assert.False(t, s.post(t), "off at the start")
	for range 2 {
		s.consent.SetMode(trust.Local)
		assert.True(t, s.post(t))
		s.consent.SetMode(trust.On)
		assert.True(t, s.post(t), "on")
		s.consent.SetMode(trust.Off)
		assert.False(t, s.post(t), "off again")
	}
}

func TestItAsksWhomItNames(t *testing.T) {
	t.Run("nobody", func(t *testing.T) {
		s := newSite(t, trust.Off, map[string]any{"consent": "none"})
		require.NoError(t, s.start())
		assert.True(t, s.post(t))
	})
	t.Run("one that is not there", func(t *testing.T) {
		assert.ErrorContains(t, newSite(t, trust.Off, map[string]any{"consent": "headcont"}).start(), `extension "headcont" is not running`)
	})
}

// A port that is taken is an error at the start, and leaves nothing behind.
func TestATakenPort(t *testing.T) {
	s := newSite(t, trust.On, nil)
	listener, err := net.Listen("tcp", s.address)
	require.NoError(t, err)
	defer listener.Close()
	assert.ErrorContains(t, s.start(), "address already in use")
}

func TestTheConfigurationIsTheCollectorsAndAKey(t *testing.T) {
	assert.NoError(t, componenttest.CheckConfigStruct(NewFactory().CreateDefaultConfig()))
}
