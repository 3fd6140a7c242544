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
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Database is reached by a URL: postgres://, postgresql://, mysql:// or sqlite:///path.
type Database struct {
	Location `mapstructure:",squash"`
}

// Validate checks the URL, if it stands here.
func (d *Database) Validate() error {
	return d.check("DATABASE_URL", "sqlite:///app.sqlite3", func(text string) error {
		_, err := sqldb.Parse(text)
		return err
	})
}

// databaseReadings are what a database is asked, by the key of a reading.
var databaseReadings = map[string]func(*Metric) sqldb.Query{
	"count":          func(m *Metric) sqldb.Query { return m.Count.query(sqldb.Count) },
	"count_distinct": func(m *Metric) sqldb.Query { return m.CountDistinct.query(sqldb.CountDistinct) },
	"min":            func(m *Metric) sqldb.Query { return m.Min.query(sqldb.Min) },
	"max":            func(m *Metric) sqldb.Query { return m.Max.query(sqldb.Max) },
	"pick":           func(m *Metric) sqldb.Query { return m.Pick.query(sqldb.Pick) },
	"sum":            func(m *Metric) sqldb.Query { return m.Sum.query(sqldb.Sum) },
	"count_per":      func(m *Metric) sqldb.Query { return m.CountPer.query() },
	"sql":            func(m *Metric) sqldb.Query { return sqldb.Query{Kind: sqldb.SQL, Text: m.SQL} },
}

func (*Database) name() string { return "database" }

func (*Database) readings() []string {
	return append(keysOf(databaseReadings), "system", "django", "newest")
}

func (*Database) validateReading(r *Reading) error {
	if r.Django != nil && r.Django.Table == "" {
		return errors.New("django::table: a cache in the database has a table: write the LOCATION of the application's settings")
	}
	return nil
}

func (d *Database) client(context.Context, component.Host, component.TelemetrySettings) (client, error) {
	database, err := locate(d.Location, "sqlite:////srv/app/app.sqlite3", sqldb.Parse)
	return databaseClient{database}, err
}

type databaseClient struct{ sqldb.Database }

// Open implements source.Client.
func (c databaseClient) Open(ctx context.Context) (session, error) {
	opened, err := c.Database.Open(ctx)
	return databaseSession{opened}, err
}

type databaseSession struct{ *sqldb.Session }

// Answer asks for all at once, so that counts can share a pass; a value of Django's cache takes two columns of a row.
func (s databaseSession) Answer(ctx context.Context, readings []*Metric) []source.Answer {
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
	answers := make([]source.Answer, len(readings))
	for i, reading := range readings {
		answers[i] = all[at[i]]
		if reading.Django != nil {
			answers[i] = cached(all[at[i]], all[at[i]+1])
		}
	}
	return answers
}

// query is what the reading's kind asks, with what the metric says besides.
func (m *Metric) query() sqldb.Query {
	q := databaseReadings[m.Kind()](m)
	q.Estimate, q.By, q.Label, q.Limit = m.Estimate, m.columns(), m.Label.query(), m.limit()
	q.Times.Numbers = m.attribute
	return q
}

func (d *DjangoCache) query(column string) sqldb.Query {
	var zone *time.Location
	if column == "expires" {
		zone = time.UTC
	}
	return sqldb.Query{Kind: sqldb.Pick, Table: d.Table, Column: column, Where: map[string]any{"cache_key": d.key()}, Times: sqldb.Times{Zone: zone}}
}

func cached(expires, value source.Answer) (a source.Answer) {
	if a.Err = cmp.Or(expires.Err, value.Err); a.Err == nil {
		a.Value, a.Err = djangocache.FromTable(expires.Value, value.Value, time.Now())
	}
	return a
}
