// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"slices"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// reader reads what a configuration names.
type reader struct {
	cfg *Config
	// complete says that the environment is, so that no default holds.
	complete bool
	clients  map[string]client
	health   *health
	logger   *zap.Logger
	// asked are the sources whose user was looked at.
	asked map[string]bool
}

// read reads everything once: what needs no source first, then one source after another, each
// in its share of the time.
func (r *reader) read(ctx context.Context) *scrape {
	s := newScrape()
	for _, name := range r.cfg.Resource.Names() {
		if reading := r.cfg.Resource[name]; reading.Source == "" {
			value, err := reading.local(r.complete)
			s.resource[name] = r.result("resource::"+name, value, err)
		}
	}
	for _, name := range r.cfg.Metrics.Names() {
		if reading := r.cfg.Metrics[name]; reading.Source == "" {
			value, err := reading.local(r.complete)
			s.metrics[name] = r.number("metrics::"+name, value, err)
		}
	}
	sources := r.cfg.Sources.Names()
	for i, name := range sources {
		ctx, cancel := share(ctx, len(sources)-i, 1)
		r.visit(ctx, name, s)
		cancel()
	}
	return s
}

// visit reads all of one source in one session, and opens none for what needs none.
func (r *reader) visit(ctx context.Context, name string, s *scrape) {
	path := "sources::" + name
	requests := r.requests(name, s)
	events := slices.DeleteFunc(r.cfg.Events.Names(), func(event string) bool { return r.cfg.Events[event].Source != name })
	if len(requests) == 0 && len(events) == 0 {
		return
	}
	session, err := r.clients[name].Open(ctx)
	if err != nil {
		r.health.failed(path, err)
		for _, request := range requests {
			request.put(result{failed: true})
		}
		return
	}
	defer session.Close()
	if r.mismatched(ctx, session, name) {
		for _, request := range requests {
			request.put(result{failed: true})
		}
		return
	}
	err = r.ask(ctx, session, requests)
	for _, event := range events {
		if err == nil {
			err = r.readEvent(ctx, session, event, s)
		}
	}
	r.health.note(path, err)
	if err == nil {
		r.warnOfWriter(ctx, name, session)
	}
}

// request is one reading of a source, and where its result belongs.
type request struct {
	path    string
	reading *Metric
	put     func(result)
	// convert makes of a value what it has to be; nil leaves it.
	convert func(source.Value) (source.Value, error)
}

// requests lists the readings of a source; what needs no session is answered at once.
func (r *reader) requests(source string, s *scrape) (list []request) {
	for _, name := range r.cfg.Resource.Names() {
		reading := r.cfg.Resource[name]
		put := func(got result) { s.resource[name] = got }
		switch {
		case reading.Source != source:
		case reading.System:
			put(result{value: r.clients[source].(databaseClient).System()})
		default:
			list = append(list, request{"resource::" + name, &Metric{Reading: reading, attribute: true}, put, nil})
		}
	}
	for _, name := range r.cfg.Metrics.Names() {
		if m := r.cfg.Metrics[name]; m.Source == source {
			list = append(list, request{"metrics::" + name, &m, func(got result) { s.metrics[name] = got }, number})
		}
	}
	if a := r.cfg.AppReport; a != nil && a.Source == source {
		list = append(list, request{"app_report", &Metric{Reading: a.Reading, attribute: true}, func(got result) { s.appReport = got }, moment})
	}
	return list
}

// ask puts all requests to the session; its error is that of the whole source.
func (r *reader) ask(ctx context.Context, session session, requests []request) (lost error) {
	readings := make([]*Metric, len(requests))
	for i, request := range requests {
		readings[i] = request.reading
	}
	for i, answer := range session.Answer(ctx, readings) {
		request := requests[i]
		if answer.How != "" {
			r.logger.Debug("Reading", zap.String("key", request.path), zap.String("by", answer.How))
		}
		if answer.Err != nil {
			lost = r.failed(request.path, answer.Err)
			request.put(result{failed: true})
			continue
		}
		value, err := answer.Value, error(nil)
		if request.convert != nil && answer.Groups == nil {
			value, err = request.convert(value)
		}
		got := r.result(request.path, value, err)
		got.groups = answer.Groups
		request.put(got)
	}
	return lost
}

// readEvent reads an event's newest row; its error is that of the whole source.
func (r *reader) readEvent(ctx context.Context, session session, name string, s *scrape) error {
	event := r.cfg.Events[name]
	row, err := session.(databaseSession).Newest(ctx, event.query())
	if err == nil {
		s.rows[name] = row
	}
	return r.failed("events::"+name, err)
}

// failed returns an error that ended the session, which is said once and not for each
// reading; any other it notes as the reading's own.
func (r *reader) failed(path string, err error) error {
	if lost := source.SessionError(err); lost != nil {
		return lost
	}
	r.health.note(path, err)
	return nil
}

// result notes whether the reading of this path works.
func (r *reader) result(path string, value source.Value, err error) result {
	r.health.note(path, err)
	return result{value: value, failed: err != nil}
}

// number is result for a metric.
func (r *reader) number(path string, value source.Value, err error) result {
	if err == nil {
		value, err = number(value)
	}
	return r.result(path, value, err)
}
