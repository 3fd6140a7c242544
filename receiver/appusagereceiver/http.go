// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/plainhttp"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/exposition"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/httpsource"
)

// HTTP is one JSON document.
type HTTP struct {
	// ClientConfig holds the endpoint, and how it is reached: timeout (default 10s), tls, auth,
	// headers. Redirects are not followed.
	ClientConfig confighttp.ClientConfig `mapstructure:",squash"`
	// Links makes the endpoint's document one that tells where the wanted one is: the first of
	// these relations that is among its `links` is followed, on the same host. A document
	// without `links` is itself the wanted one.
	Links []string `mapstructure:"links"`
	// MaxResponseSize is the longest document in bytes, uncompressed (default 1048576).
	MaxResponseSize int64 `mapstructure:"max_response_size"`
}

var _ confmap.Unmarshaler = (*HTTP)(nil)

// Unmarshal implements confmap.Unmarshaler: it begins from the defaults, and unknown keys are errors.
func (h *HTTP) Unmarshal(section *confmap.Conf) error {
	client := confighttp.NewDefaultClientConfig()
	client.Timeout = 10 * time.Second
	*h = HTTP{ClientConfig: client, MaxResponseSize: 1 << 20}
	return conf.Unmarshal(section, h)
}

// Validate checks what confighttp does not.
func (h *HTTP) Validate() error {
	tls := h.ClientConfig.TLS // its insecure, which asks for none, and the like of it pass
	errs := []error{plainhttp.CheckTLS("tls", h.ClientConfig.Endpoint, tls.ServerName, tls.Config)}
	if err := httpsource.CheckURL(h.ClientConfig.Endpoint); err != nil {
		errs = append(errs, fmt.Errorf("endpoint: %w", err))
	}
	if h.ClientConfig.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout: %s would wait for ever: write a positive time, such as 10s", h.ClientConfig.Timeout))
	}
	if h.MaxResponseSize <= 0 {
		errs = append(errs, fmt.Errorf("max_response_size: %d: write a number of bytes, such as 1048576", h.MaxResponseSize))
	}
	return errors.Join(errs...)
}

func (*HTTP) name() string { return "http" }

// httpReadings are what an application's HTTP interface is asked, by the key of a reading.
var httpReadings = source.Readings[*httpSession, *Metric]{
	"field": func(ctx context.Context, s *httpSession, m *Metric) (source.Value, error) {
		found, err := s.document(ctx)
		if err != nil {
			return nil, err
		}
		return m.Field.read(found, m.Type)
	},
	"sample": func(ctx context.Context, s *httpSession, m *Metric) (source.Value, error) {
		found, err := s.exposition(ctx)
		if err != nil {
			return nil, err
		}
		return found.Value(m.Sample.query())
	},
}

func (*HTTP) readings() []string { return keysOf(httpReadings) }

func (*HTTP) validateReading(*Reading) error { return nil }

func (h *HTTP) client(ctx context.Context, host component.Host, telemetry component.TelemetrySettings) (client, error) {
	settings := h.ClientConfig
	settings.Keepalive = configoptional.None[confighttp.KeepaliveClientConfig]() // between two scrapes lie hours
	made, err := settings.ToClient(ctx, host.GetExtensions(), telemetry)
	if err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}
	return httpClient{httpsource.Page{Client: made, Endpoint: settings.Endpoint, Links: h.Links, MaxBytes: h.MaxResponseSize}}, nil
}

type httpClient struct{ page httpsource.Page }

// Open implements source.Client. What is fetched depends on the readings.
func (c httpClient) Open(context.Context) (session, error) {
	opened := &httpSession{
		document:   once(c.page.Fetch),
		exposition: once(c.page.FetchExposition),
	}
	return source.Each[*httpSession, *Metric]{Opened: opened, Readings: httpReadings}, nil
}

// httpSession fetches each form of an answer once, when a reading needs it.
type httpSession struct {
	document   func(context.Context) (document.Document, error)
	exposition func(context.Context) (*exposition.Exposition, error)
}

// Close does nothing: what was fetched was read as a whole.
func (*httpSession) Close() {}

// once fetches at the first call, and gives the same at each.
func once[T any](fetch func(context.Context) (T, error)) func(context.Context) (T, error) {
	var fetched bool
	var found T
	var err error
	return func(ctx context.Context) (T, error) {
		if !fetched {
			fetched = true
			found, err = fetch(ctx)
		}
		return found, err
	}
}
