// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/djangocache"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/memcachedsource"
)

// Memcached is one server.
type Memcached struct {
	// Endpoint is host:port, or the path of a unix socket.
	Endpoint string `mapstructure:"endpoint,omitempty"`
}

// Validate checks the endpoint.
func (m *Memcached) Validate() error {
	if _, err := memcachedsource.Parse(m.Endpoint); err != nil {
		return fmt.Errorf("endpoint: %w", err)
	}
	return nil
}

// memcachedReadings are what a memcached server is asked, by the key of a reading.
var memcachedReadings = source.Readings[*memcachedsource.Session, *Metric]{
	"get": func(ctx context.Context, s *memcachedsource.Session, m *Metric) (source.Value, error) {
		return s.Read(ctx, m.Get.Key, m.Get.Client, m.Get.format())
	},
	"django": func(ctx context.Context, s *memcachedsource.Session, m *Metric) (source.Value, error) {
		data, flags, err := s.Get(ctx, m.Django.key())
		if err != nil {
			return nil, err
		}
		return djangocache.FromMemcached(data, flags)
	},
}

func (*Memcached) name() string { return "memcached" }

func (*Memcached) readings() []string { return keysOf(memcachedReadings) }

func (m *Memcached) validateReading(r *Reading) error {
	if r.Get != nil && r.Get.Prefix != "" {
		return errors.New("get::prefix: memcached cannot list its keys: write `key`")
	}
	if r.Get != nil {
		if err := conf.Words(memcachedsource.Clients()).Check(r.Get.Client); err != nil {
			return fmt.Errorf("get::client: %w", err)
		}
	}
	return r.Django.withoutTable(m.name())
}

func (m *Memcached) client(context.Context, component.Host, component.TelemetrySettings) (client, error) {
	server, err := memcachedsource.Parse(m.Endpoint)
	return memcachedClient{server}, err
}

type memcachedClient struct{ server memcachedsource.Server }

// Open implements source.Client.
func (c memcachedClient) Open(ctx context.Context) (session, error) {
	return source.Each[*memcachedsource.Session, *Metric]{Opened: c.server.Open(ctx), Readings: memcachedReadings}, nil
}
