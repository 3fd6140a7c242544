// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
)

// clientAddress marks a client. Linux routes all of 127/8 to loopback.
const clientAddress = "127.83.29.7"

// marked is a client that comes from the marked address, and names it besides.
func marked(t *testing.T) *http.Client {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddress)}}
	if probe, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(clientAddress)}); err != nil {
		t.Skip("this system does not route all of 127/8 to loopback")
	} else {
		require.NoError(t, probe.Close())
	}
	c := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestClientAddressIsNowhere(t *testing.T) {
	c := marked(t)
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	var logs bytes.Buffer
	set := receivertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	set.Logger = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "m"}), zapcore.Lock(zapcore.AddSync(&logs)), zapcore.DebugLevel))

	var seen strings.Builder
	passed := 0
	next := consumerFunc(func(ctx context.Context, m pmetric.Metrics) error {
		info := client.FromContext(ctx)
		assert.Equal(t, client.Info{}, info)
		_, serving := ctx.Value(http.ServerContextKey).(*http.Server)
		assert.False(t, serving)
		marshaled, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(m)
		require.NoError(t, err)
		fmt.Fprintf(&seen, "%s %+v\n", marshaled, ctx)
		if passed++; passed == 3 {
			panic("a panic, which the server would log with the address")
		}
		return nil
	})
	r := startRig(t, next, set, componenttest.NewNopHost(), nil)
	post := func(body string) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, r.url+"/stat", strings.NewReader(body))
		require.NoError(t, err)
		request.Host = clientAddress
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("User-Agent", clientAddress)
		request.Header.Set("X-Forwarded-For", clientAddress)
		request.Header.Set("Forwarded", "for="+clientAddress)
		response, err := c.Do(request)
		require.NoError(t, err)
		answer, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.NotContains(t, string(answer), clientAddress)
		require.NoError(t, response.Body.Close())
	}
	for range 3 {
		post(usage(`"users":1`))
	}
	post("{")
	require.Equal(t, 3, passed)

	assert.NotContains(t, seen.String(), clientAddress)
	assert.NotContains(t, logs.String(), clientAddress)
	assert.NotEmpty(t, logs.String())
	for _, span := range telemetry.SpanRecorder.Ended() {
		assert.NotContains(t, fmt.Sprint(span.Attributes(), span.Events(), span.Name()), clientAddress)
	}
	var measured metricdata.ResourceMetrics
	require.NoError(t, telemetry.Reader.Collect(context.Background(), &measured))
	assert.NotContains(t, fmt.Sprintf("%+v", measured), clientAddress)
	assert.Contains(t, fmt.Sprintf("%+v", measured), "receiver_collect_requests")
}

// A client that breaks off a TLS handshake is one of those whose address net/http logs.
func TestClientAddressIsNotLoggedByServer(t *testing.T) {
	c := marked(t)
	var logs bytes.Buffer
	set := receivertest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "m"}), zapcore.Lock(zapcore.AddSync(&logs)), zapcore.DebugLevel))
	certificate, key := selfSigned(t)
	r := startRig(t, consumerFunc(func(context.Context, pmetric.Metrics) error { return nil }), set, componenttest.NewNopHost(), func(cfg *Config) {
		cfg.ServerConfig.TLS = serverTLS(certificate, key)
	})
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.url, nil)
	require.NoError(t, err)
	response, err := c.Do(request) // plain text to a TLS port
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	dialer := &tls.Dialer{Config: &tls.Config{ServerName: "another"}, NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddress)}}}
	_, err = dialer.DialContext(context.Background(), "tcp", r.receiver.address.String()) // refuses the certificate
	require.Error(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, r.receiver.Shutdown(ctx))
	assert.NotContains(t, logs.String(), clientAddress)
}
