// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/djangocache"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/redissource"
)

// Redis is reached by a URL: redis://, rediss:// with TLS, or unix:///path.
type Redis struct {
	Location `mapstructure:",squash"`
}

// Validate checks the URL, if it stands here.
func (r *Redis) Validate() error {
	return r.check("REDIS_URL", "redis://127.0.0.1:6379/0", func(text string) error {
		_, err := redissource.Parse(text)
		return err
	})
}

// redisReadings are what a Redis server is asked, by the key of a reading.
var redisReadings = source.Readings[*redissource.Session, *Metric]{
	"get": func(ctx context.Context, s *redissource.Session, m *Metric) (source.Value, error) {
		return s.Read(ctx, m.Get.query(redissource.Get(m.Get.format())))
	},
	"hget": func(ctx context.Context, s *redissource.Session, m *Metric) (source.Value, error) {
		return s.Read(ctx, m.HGet.query(redissource.HGet(m.HGet.Field, m.HGet.format())))
	},
	"zcount": func(ctx context.Context, s *redissource.Session, m *Metric) (source.Value, error) {
		return s.Read(ctx, m.ZCount.query(redissource.ZCount(time.Duration(m.ZCount.Since), m.ZCount.unit())))
	},
	"scard":    counted(redissource.Count("SCARD"), func(m *Metric) *Keys { return m.SCard }),
	"zcard":    counted(redissource.Count("ZCARD"), func(m *Metric) *Keys { return m.ZCard }),
	"llen":     counted(redissource.Count("LLEN"), func(m *Metric) *Keys { return m.LLen }),
	"hlen":     counted(redissource.Count("HLEN"), func(m *Metric) *Keys { return m.HLen }),
	"xlen":     counted(redissource.Count("XLEN"), func(m *Metric) *Keys { return m.XLen }),
	"bitcount": counted(redissource.Count("BITCOUNT"), func(m *Metric) *Keys { return m.BitCount }),
	"pfcount":  counted(redissource.PFCount, func(m *Metric) *Keys { return m.PFCount }),
	"django": func(ctx context.Context, s *redissource.Session, m *Metric) (source.Value, error) {
		data, err := s.Get(ctx, m.Django.key())
		if err != nil {
			return nil, err
		}
		return djangocache.FromRedis(data)
	},
}

// counted is a reading that needs to know no more than the keys.
func counted(command redissource.Command, keys func(*Metric) *Keys) func(context.Context, *redissource.Session, *Metric) (source.Value, error) {
	return func(ctx context.Context, s *redissource.Session, m *Metric) (source.Value, error) {
		return s.Read(ctx, keys(m).query(command))
	}
}

// unit is that of the scores; seconds unless it is written.
func (r *Recent) unit() redissource.Unit { return redissource.Units[cmp.Or(r.Unit, "s")] }

func (k *Keys) query(command redissource.Command) redissource.Query {
	return redissource.Query{Command: command, Key: k.Key, Prefix: k.Prefix, Limit: k.limit()}
}

func (*Redis) name() string { return "redis" }

func (*Redis) readings() []string { return keysOf(redisReadings) }

func (r *Redis) validateReading(reading *Reading) error {
	if reading.Get != nil && reading.Get.Client != "" || reading.HGet != nil && reading.HGet.Client != "" {
		return errors.New("client: only memcached keeps flags by which a client says how it wrote a value: leave it out, and write `as`")
	}
	return reading.Django.withoutTable(r.name())
}

func (r *Redis) client(context.Context, component.Host, component.TelemetrySettings) (client, error) {
	server, err := locate(r.Location, "redis://127.0.0.1:6379/0", redissource.Parse)
	return redisClient{server}, err
}

type redisClient struct{ server redissource.Server }

// Open implements source.Client.
func (c redisClient) Open(ctx context.Context) (session, error) {
	return source.Each[*redissource.Session, *Metric]{Opened: c.server.Open(ctx), Readings: redisReadings}, nil
}
