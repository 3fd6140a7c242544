// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/djangocache"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/filesource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/httpsource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/memcachedsource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/redissource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// origin is one of the sources, ready to be opened for a scrape.
type origin interface {
	open(ctx context.Context) (session, error)
}

// session answers a source's readings during one scrape.
type session interface {
	// answer answers readings in their order. When an answer's error is Lost, so are those that follow.
	answer(ctx context.Context, readings []Metric) []sqldb.Answer
	close()
}

// originOf makes what a source's configuration says. It opens and looks up nothing.
func originOf(ctx context.Context, cfg Source, host component.Host, telemetry component.TelemetrySettings) (origin, error) {
	switch cfg.kind() {
	case kindRedis:
		server, err := cfg.Redis.resolve()
		return redisOrigin{server}, err
	case kindMemcached:
		server, err := memcachedsource.Parse(cfg.Memcached.Endpoint)
		return memcachedOrigin{server}, err
	case kindHTTP:
		return newHTTPOrigin(ctx, *cfg.HTTP, host, telemetry)
	case kindFile:
		format, err := cfg.File.format()
		return fileOrigin{cfg.File.Path, format}, err
	default:
		database, err := cfg.Database.resolve()
		return databaseOrigin{database}, err
	}
}

// oneByOne asks for readings one after another, and for no more once the source is lost.
func oneByOne(readings []Metric, ask func(*Metric) (source.Value, error)) []sqldb.Answer {
	answers := make([]sqldb.Answer, len(readings))
	var lost *source.Error
	for i := range readings {
		if lost != nil {
			answers[i].Err = lost
			continue
		}
		answers[i].Value, answers[i].Err = ask(&readings[i])
		if !errors.As(answers[i].Err, &lost) || !lost.Lost {
			lost = nil
		}
	}
	return answers
}

type databaseOrigin struct{ database sqldb.Database }

func (o databaseOrigin) open(ctx context.Context) (session, error) {
	opened, err := o.database.Open(ctx)
	return databaseSession{opened}, err
}

type databaseSession struct{ *sqldb.Session }

func (s databaseSession) close() { s.Close() }

// answer asks for all at once, so that counts can share a pass; a value of Django's cache takes two columns of a row.
func (s databaseSession) answer(ctx context.Context, readings []Metric) []sqldb.Answer {
	queries := make([]sqldb.Query, 0, len(readings))
	at := make([]int, len(readings))
	for i, reading := range readings {
		at[i] = len(queries)
		if reading.Django != nil {
			queries = append(queries, reading.Django.query("expires"), reading.Django.query("value"))
		} else {
			queries = append(queries, reading.query())
		}
	}
	all := s.Read(ctx, queries)
	answers := make([]sqldb.Answer, len(readings))
	for i, reading := range readings {
		answers[i] = all[at[i]]
		if reading.Django != nil {
			answers[i] = cached(all[at[i]], all[at[i]+1])
		}
	}
	return answers
}

func cached(expires, value sqldb.Answer) (a sqldb.Answer) {
	if a.Err = cmp.Or(expires.Err, value.Err); a.Err == nil {
		a.Value, a.Err = djangocache.FromTable(expires.Value, value.Value, time.Now())
	}
	return a
}

func (d *DjangoCache) query(column string) sqldb.Query {
	return sqldb.Query{Kind: sqldb.Pick, Table: d.Table, Column: column, Where: map[string]any{"cache_key": d.key()}}
}

type redisOrigin struct{ server redissource.Server }

func (o redisOrigin) open(ctx context.Context) (session, error) {
	return redisSession{o.server.Open(ctx)}, nil
}

type redisSession struct{ *redissource.Session }

func (s redisSession) close() { s.Close() }

func (s redisSession) answer(ctx context.Context, readings []Metric) []sqldb.Answer {
	return oneByOne(readings, func(r *Metric) (source.Value, error) {
		if r.Django == nil {
			return s.Read(ctx, r.redisQuery())
		}
		data, err := s.Get(ctx, r.Django.key())
		if err != nil {
			return nil, err
		}
		return djangocache.FromRedis(data)
	})
}

type memcachedOrigin struct{ server memcachedsource.Server }

func (o memcachedOrigin) open(ctx context.Context) (session, error) {
	return memcachedSession{o.server.Open(ctx)}, nil
}

type memcachedSession struct{ *memcachedsource.Session }

func (s memcachedSession) close() { s.Close() }

func (s memcachedSession) answer(ctx context.Context, readings []Metric) []sqldb.Answer {
	return oneByOne(readings, func(r *Metric) (source.Value, error) {
		if r.Django == nil {
			return s.Read(ctx, r.Get.Key, r.Get.format())
		}
		data, flags, err := s.Get(ctx, r.Django.key())
		if err != nil {
			return nil, err
		}
		return djangocache.FromMemcached(data, flags)
	})
}

type httpOrigin struct{ page httpsource.Page }

func newHTTPOrigin(ctx context.Context, cfg HTTP, host component.Host, telemetry component.TelemetrySettings) (origin, error) {
	client := cfg.ClientConfig
	client.Keepalive = configoptional.None[confighttp.KeepaliveClientConfig]() // between two scrapes lie hours
	made, err := client.ToClient(ctx, host.GetExtensions(), telemetry)
	if err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}
	return httpOrigin{httpsource.Page{Client: made, Endpoint: client.Endpoint, Links: cfg.Links, MaxBytes: cfg.MaxResponseSize}}, nil
}

func (o httpOrigin) open(ctx context.Context) (session, error) {
	found, err := o.page.Fetch(ctx)
	return documentSession{found}, err
}

type fileOrigin struct {
	path   string
	format document.Format
}

func (o fileOrigin) open(context.Context) (session, error) {
	found, err := filesource.Read(o.path, o.format)
	return documentSession{found}, err
}

// documentSession is a document that has been read as a whole.
type documentSession struct{ document document.Document }

func (documentSession) close() {}

func (s documentSession) answer(_ context.Context, readings []Metric) []sqldb.Answer {
	return oneByOne(readings, func(r *Metric) (source.Value, error) { return r.field(s.document) })
}
