// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sqldb"
)

// answer is what became of one reading.
type answer struct {
	value  sqldb.Value
	failed bool
}

// round is what one scrape read.
type round struct {
	resource map[string]answer
	metrics  map[string]answer
	// rows are the events' newest rows, where reading them succeeded; nil where there is none.
	rows map[string]*sqldb.Row
}

var errText = errors.New("it gives a text, and a metric is a number")

func (s *usageScraper) read(ctx context.Context) *round {
	r := &round{map[string]answer{}, map[string]answer{}, map[string]*sqldb.Row{}}
	for _, name := range s.cfg.Resource.Names() {
		if reading := s.cfg.Resource[name]; reading.Source == "" {
			value, err := reading.here()
			r.resource[name] = s.answer("resource::"+name, value, err)
		}
	}
	for _, name := range s.cfg.Metrics.Names() {
		if reading := s.cfg.Metrics[name]; reading.Source == "" {
			value, err := reading.here()
			r.metrics[name] = s.number("metrics::"+name, value, err)
		}
	}
	sources := s.cfg.Sources.Names()
	for i, source := range sources {
		ctx, cancel := share(ctx, len(sources)-i, 1)
		s.visit(ctx, source, r)
		cancel()
	}
	return r
}

// visit reads all of one source in one session.
func (s *usageScraper) visit(ctx context.Context, source string, r *round) {
	database := s.databases[source]
	v := visit{scraper: s, source: source}
	defer v.close()
	ask := func(reading *Reading) (sqldb.Value, error) {
		if reading.System {
			return database.System(), nil
		}
		query, _ := reading.query()
		return during(ctx, &v, func(session *sqldb.Session) (sqldb.Value, error) { return session.Read(ctx, query) })
	}
	for _, name := range s.cfg.Resource.Names() {
		if reading := s.cfg.Resource[name]; reading.Source == source {
			path := "resource::" + name
			value, err := ask(&reading)
			r.resource[name] = s.answer(path, value, err)
		}
	}
	for _, name := range s.cfg.Metrics.Names() {
		if m := s.cfg.Metrics[name]; m.Source == source {
			path := "metrics::" + name
			value, err := ask(&m.Reading)
			r.metrics[name] = s.number(path, value, err)
		}
	}
	for _, name := range s.cfg.Events.Names() {
		if event := s.cfg.Events[name]; event.Source == source {
			row, err := during(ctx, &v, func(session *sqldb.Session) (*sqldb.Row, error) {
				return session.Newest(ctx, event.query())
			})
			if !s.answer("events::"+name, nil, err).failed {
				r.rows[name] = row
			}
		}
	}
}

// visit is one source's session, opened at its first reading; once it is lost it stays lost.
type visit struct {
	scraper *usageScraper
	source  string
	session *sqldb.Session
	lost    error
}

func during[T any](ctx context.Context, v *visit, read func(*sqldb.Session) (T, error)) (result T, err error) {
	if v.session == nil && v.lost == nil {
		v.session, v.lost = v.scraper.databases[v.source].Open(ctx)
	}
	if v.lost == nil {
		result, err = read(v.session)
		var failure *sqldb.Error
		if errors.As(err, &failure) && failure.Lost {
			v.lost = err
		}
	}
	if v.lost != nil {
		return result, &sourceError{v.source, v.lost}
	}
	return result, err
}

func (v *visit) close() {
	if v.session == nil {
		return
	}
	v.session.Close()
	if v.lost == nil {
		v.scraper.health.works("sources::" + v.source)
	}
}

// sourceError is the failure of a whole source, which is said once and not for each of its readings.
type sourceError struct {
	source string
	err    error
}

func (e *sourceError) Error() string { return "sources::" + e.source + ": " + e.err.Error() }

func (e *sourceError) Unwrap() error { return e.err }

// here is the value of a reading that needs no source.
func (r *Reading) here() (sqldb.Value, error) {
	if r.Env != "" {
		return r.environment()
	}
	if n, isInt := r.Value.(int); isInt {
		return int64(n), nil
	}
	return r.Value, nil
}

// answer notes whether the reading of this path works.
func (s *usageScraper) answer(path string, value sqldb.Value, err error) answer {
	var whole *sourceError
	if errors.As(err, &whole) {
		s.health.failed("sources::"+whole.source, whole.err)
		return answer{failed: true}
	}
	s.health.note(path, err)
	return answer{value, err != nil}
}

// number is answer for a metric: booleans count as 0 and 1, times as Unix seconds.
func (s *usageScraper) number(path string, value sqldb.Value, err error) answer {
	switch v := value.(type) {
	case bool:
		value = int64(0)
		if v {
			value = int64(1)
		}
	case time.Time:
		value = float64(v.UnixMicro()) / 1e6
	case string:
		value, err = nil, errText
	}
	return s.answer(path, value, err)
}

// count adds to the receiver's own metrics.
func (s *usageScraper) count(ctx context.Context, r *round) {
	outcomes := map[string]int64{}
	for _, answers := range [...]map[string]answer{r.resource, r.metrics} {
		for _, a := range answers {
			outcomes[a.outcome()]++
		}
	}
	for name := range s.cfg.Events {
		row, succeeded := r.rows[name]
		outcome := answer{failed: !succeeded}
		if row != nil {
			outcome.value = row.By
		}
		outcomes[outcome.outcome()]++
	}
	for outcome, n := range outcomes {
		s.telemetry.ReceiverAppusageReadings.Add(ctx, n, metric.WithAttributes(attribute.String("outcome", outcome)))
	}
}

func (a answer) outcome() string {
	switch {
	case a.failed:
		return "failure"
	case a.value == nil:
		return "nothing"
	default:
		return "value"
	}
}
