// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// configured is the default with what a text says over it.
func configured(t *testing.T, text string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "telemetry.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	conf, err := confmaptest.LoadConf(file)
	require.NoError(t, err)
	c := NewFactory().CreateDefaultConfig().(*Config)
	if err := conf.Unmarshal(c); err != nil {
		return nil, err
	}
	return c, confmap.Validate(c)
}

func settings(t *testing.T, c *Config) telemetry.Settings {
	t.Helper()
	set := telemetry.Settings{BuildInfo: component.BuildInfo{Command: "headcount", Version: "1.2.3"}}
	resource, schema, err := NewFactory().CreateResource(t.Context(), set, c)
	require.NoError(t, err)
	set.Resource, set.SchemaURL = &resource, schema
	return set
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for text, expected := range map[string]string{
		"metrics: {readers: []}": "metrics::readers: there is none: write one, or metrics::level: none",
		"metrics: {level: basic, views: [{selector: {meter_name: x}, stream: {name: y}}]}": "metrics::views: they hold at metrics::level: detailed alone, not at basic",
		"traces: {propagators: [b3]}":                         `traces::propagators: "b3" is not known: write tracecontext`,
		"resource: {service.name: 5}":                         "resource: service.name: 5 is no text",
		"resource: {attributes_list: a=b}":                    "resource: attributes_list is not supported: write attributes",
		"resource: {attributes: [{name: a, value: b}], c: d}": "resource: attributes stand beside others",
		"resource: {detection/development: {detectors: []}}":  "this program detects nothing about where it runs",
		"logs: {levle: info}":                                 "levle",
	} {
		_, err := configured(t, text)
		assert.ErrorContains(t, err, expected, text)
	}
}

// A line of the log says what the Collector's says, with the resource that was asked for.
func TestLog(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "log")
	c, err := configured(t, fmt.Sprintf("{logs: {level: warn, encoding: json, disable_caller: true, output_paths: [%q]}, resource: {service.instance.id: null, team: a}}", file))
	require.NoError(t, err)
	logger, _, err := NewFactory().CreateLogger(t.Context(), telemetry.LoggerSettings{Settings: settings(t, c)}, c)
	require.NoError(t, err)
	logger.Info("not this one")
	logger.Warn("this one", zap.Int("of", 2))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Regexp(t, `^\{"level":"warn","ts":"[^"]+","msg":"this one","resource":\{"service\.name":"headcount","service\.version":"1\.2\.3","team":"a"\},"of":2\}\n$`, string(text))
}

// The metrics are those of each Collector, under its names.
func TestMetricsArePulled(t *testing.T) {
	t.Parallel()
	port := porttest.Port(t)
	c, err := configured(t, fmt.Sprintf("metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %d}}}}]}", port))
	require.NoError(t, err)
	provider, err := NewFactory().CreateMeterProvider(t.Context(), telemetry.MeterSettings{Settings: settings(t, c), Logger: zap.NewNop()}, c)
	require.NoError(t, err)
	defer func() { assert.NoError(t, provider.Shutdown(t.Context())) }()
	counter, err := provider.Meter("m").Int64Counter("otelcol_reports")
	require.NoError(t, err)
	counter.Add(t.Context(), 3)
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^otelcol_reports(_total)? 3$`, string(text))
}

// What is exported reaches its end, whose address may be written without a scheme.
func TestLogsAndTracesAreExported(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths <- r.URL.Path }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	const processors = "[{simple: {exporter: {otlp: {protocol: http/protobuf, insecure: true, endpoint: %q}}}}]"
	c, err := configured(t, fmt.Sprintf("{logs: {output_paths: [/dev/null], processors: "+processors+"}, traces: {level: basic, propagators: [tracecontext], processors: "+processors+"}}", host, host))
	require.NoError(t, err)
	set := settings(t, c)
	logger, stop, err := NewFactory().CreateLogger(t.Context(), telemetry.LoggerSettings{Settings: set}, c)
	require.NoError(t, err)
	logger.Debug("below the level")
	logger.Info("exported")
	assert.Equal(t, "/v1/logs", <-paths)
	require.NoError(t, stop(t.Context()))
	traces, err := NewFactory().CreateTracerProvider(t.Context(), telemetry.TracerSettings{Settings: set, Logger: zap.NewNop()}, c)
	require.NoError(t, err)
	_, span := traces.Tracer("t").Start(t.Context(), "s")
	span.End()
	assert.Equal(t, "/v1/traces", <-paths)
	require.NoError(t, traces.Shutdown(t.Context()))
	assert.Empty(t, paths)
}

// Who prints a configuration sees no secret of it.
func TestHeadersAreNotPrinted(t *testing.T) {
	t.Parallel()
	const exporter = "exporter: {otlp: {protocol: grpc, endpoint: x, headers: [{name: authorization, value: canary}], headers_list: a=canary}}"
	c, err := configured(t, "{logs: {processors: [{batch: {"+exporter+"}}]}, traces: {processors: [{simple: {"+exporter+"}}]}, metrics: {readers: [{periodic: {"+exporter+"}}]}}")
	require.NoError(t, err)
	conf := confmap.New()
	require.NoError(t, conf.Marshal(struct {
		Telemetry component.Config `mapstructure:"telemetry"`
	}{c}))
	assert.NotContains(t, fmt.Sprint(conf.ToStringMap()), "canary")
	assert.Contains(t, fmt.Sprint(conf.ToStringMap()), "https://x")
}

func TestNothingIsTold(t *testing.T) {
	t.Parallel()
	c, err := configured(t, "metrics: {level: none}")
	require.NoError(t, err)
	set := settings(t, c)
	metrics, err := NewFactory().CreateMeterProvider(t.Context(), telemetry.MeterSettings{Settings: set, Logger: zap.NewNop()}, c)
	require.NoError(t, err)
	assert.NoError(t, metrics.Shutdown(t.Context()))
	traces, err := NewFactory().CreateTracerProvider(t.Context(), telemetry.TracerSettings{Settings: set, Logger: zap.NewNop()}, c)
	require.NoError(t, err)
	assert.NoError(t, traces.Shutdown(t.Context()))
}
