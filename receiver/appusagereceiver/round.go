// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// answer is what became of one reading.
type answer struct {
	value  source.Value
	groups []sqldb.Group
	failed bool
}

// round is what one scrape read.
type round struct {
	resource map[string]answer
	metrics  map[string]answer
	// rows are the events' newest rows, where reading them succeeded; nil where there is none.
	rows map[string]*sqldb.Row
	// appReport is when the application last reported by itself.
	appReport answer
}

var errText = errors.New("it gives a text, and a metric is a number")

func (s *usageScraper) read(ctx context.Context) *round {
	r := &round{resource: map[string]answer{}, metrics: map[string]answer{}, rows: map[string]*sqldb.Row{}}
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
	for i, name := range sources {
		ctx, cancel := share(ctx, len(sources)-i, 1)
		s.visit(ctx, name, r)
		cancel()
	}
	return r
}

// visit reads all of one source in one session, and opens none for what needs none.
func (s *usageScraper) visit(ctx context.Context, name string, r *round) {
	path := "sources::" + name
	asked := s.asked(name, r)
	events := slices.DeleteFunc(s.cfg.Events.Names(), func(event string) bool { return s.cfg.Events[event].Source != name })
	if len(asked) == 0 && len(events) == 0 {
		return
	}
	session, err := s.origins[name].open(ctx)
	if err != nil {
		s.health.failed(path, err)
		for _, a := range asked {
			a.fail()
		}
		return
	}
	defer session.close()
	err = s.ask(ctx, session, asked)
	for _, event := range events {
		if err != nil {
			break
		}
		var row *sqldb.Row
		e := s.cfg.Events[event]
		if row, err = session.(databaseSession).Newest(ctx, e.query()); err == nil {
			r.rows[event] = row
		}
		err = s.whole("events::"+event, err)
	}
	s.health.note(path, err)
}

// asked is one reading of a source, and the place for its answer.
type asked struct {
	path    string
	reading Metric
	put     func(answer)
	// as makes of a value what it has to be; nil leaves it.
	as func(source.Value) (source.Value, error)
}

func (a asked) fail() { a.put(answer{failed: true}) }

// asked lists the readings of a source; what needs no session it answers at once.
func (s *usageScraper) asked(source string, r *round) (list []asked) {
	for _, name := range s.cfg.Resource.Names() {
		reading := s.cfg.Resource[name]
		put := func(a answer) { r.resource[name] = a }
		switch {
		case reading.Source != source:
		case reading.System:
			put(answer{value: s.origins[source].(databaseOrigin).database.System()})
		default:
			list = append(list, asked{"resource::" + name, Metric{Reading: reading}, put, nil})
		}
	}
	for _, name := range s.cfg.Metrics.Names() {
		if m := s.cfg.Metrics[name]; m.Source == source {
			list = append(list, asked{"metrics::" + name, m, func(a answer) { r.metrics[name] = a }, number})
		}
	}
	if s.cfg.AppReport != nil && s.cfg.AppReport.Source == source {
		list = append(list, s.cfg.AppReport.asked(r))
	}
	return list
}

// ask puts all readings to the session; its error is that of the whole source.
func (s *usageScraper) ask(ctx context.Context, session session, list []asked) error {
	readings := make([]Metric, len(list))
	for i, a := range list {
		readings[i] = a.reading
	}
	var broken error
	for i, got := range session.answer(ctx, readings) {
		a := list[i]
		if got.How != "" {
			s.logger.Debug("Reading", zap.String("key", a.path), zap.String("by", got.How))
		}
		if got.Err != nil {
			broken = s.whole(a.path, got.Err)
			a.fail()
			continue
		}
		value, err := got.Value, error(nil)
		if a.as != nil && got.Groups == nil {
			value, err = a.as(value)
		}
		found := s.answer(a.path, value, err)
		found.groups = got.Groups
		a.put(found)
	}
	return broken
}

// whole returns an error that ended the session, which is said once and not for each
// reading; any other it notes as the reading's own.
func (s *usageScraper) whole(path string, err error) error {
	var failure *source.Error
	if errors.As(err, &failure) && failure.Lost {
		return err
	}
	s.health.note(path, err)
	return nil
}

// here is the value of a reading that needs no source.
func (r *Reading) here() (source.Value, error) {
	if r.Env != "" {
		return r.environment()
	}
	if n, isInt := r.Value.(int); isInt {
		return int64(n), nil
	}
	return r.Value, nil
}

// answer notes whether the reading of this path works.
func (s *usageScraper) answer(path string, value source.Value, err error) answer {
	s.health.note(path, err)
	return answer{value: value, failed: err != nil}
}

// number is answer for a metric.
func (s *usageScraper) number(path string, value source.Value, err error) answer {
	if err == nil {
		value, err = number(value)
	}
	return s.answer(path, value, err)
}

// number makes a metric's value: booleans count as 0 and 1, times as Unix seconds.
func number(value source.Value) (source.Value, error) {
	switch v := value.(type) {
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		return float64(v.UnixMicro()) / 1e6, nil
	case string:
		return nil, errText
	}
	return value, nil
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
	case a.value == nil && len(a.groups) == 0:
		return "nothing"
	default:
		return "value"
	}
}
