// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/trust"
)

// Incomplete is a stat that could not be made of a resource.
type Incomplete struct {
	// Stat is the stat's name.
	Stat string
	// Missing says what is missing or cannot be said, in names of the
	// configuration (without definitions: of metrics), never in values.
	Missing []string
	// Absent is true when the resource has nothing of the stat: it speaks of
	// something else, and nobody needs to know.
	Absent bool
}

var (
	errAbsent    = errors.New("is absent")
	errUnread    = errors.New("could not be read")
	errNotFinite = errors.New("is not finite")
)

// Stats yields the stats that one resource holds, and in place of one of which a
// part is missing, what is. What is yielded holds until the next.
//
// A metric gives its one point's number, a histogram an object of counts by
// upper bound, a metric with `by` an object of numbers by that attribute's
// value. A point without a recorded value is null, so is a resource attribute
// that is empty or absent; an absent metric, or an attribute whose reading
// failed, leaves the stat incomplete, and so is one of which nothing was found: all its fields
// are null, and none of its metrics hides numbers that are too small to leave. Where hides is
// nil that is not known, and those of metrics alone are taken for small. A stat's time is the newest timestamp of
// the points that it uses, to the microsecond; when it uses none, the newest of
// the resource's, so that a truncated time stays truncated; without any, now.
func (m *Mapping) Stats(metrics pmetric.ResourceMetrics, now time.Time, hides func(metric string) bool) iter.Seq2[*collect.Stat, *Incomplete] {
	return func(yield func(*collect.Stat, *Incomplete) bool) {
		r := m.read(metrics)
		defer m.forget(r)
		definitions := m.stats
		if len(definitions) == 0 {
			definitions = []definedStat{r.usage()}
		}
		for i := range definitions {
			if !yield(r.stat(&definitions[i], now, hides)) {
				return
			}
		}
	}
}

// resource is one installation's metrics and attributes, made ready to be asked by name.
type resource struct {
	instance   string
	attributes pcommon.Map
	failed     []any
	metrics    map[string][]pmetric.Metric
	// alone is room for the one part that a metric usually has.
	alone []pmetric.Metric
	// points is room for those of one metric at a time.
	points []point
	// made is room for the stat that is yielded.
	made collect.Stat
}

// read files what one resource holds, in the room of one that was forgotten.
func (m *Mapping) read(metrics pmetric.ResourceMetrics) *resource {
	r, _ := m.rooms.Get().(*resource)
	if r == nil {
		r = &resource{metrics: map[string][]pmetric.Metric{}}
	}
	r.attributes = metrics.Resource().Attributes()
	r.file(metrics)
	if id, ok := r.attributes.Get(InstanceID); ok && id.Type() == pcommon.ValueTypeStr {
		r.instance = id.Str()
	}
	if failed, ok := r.attributes.Get(trust.FailedReadings); ok && failed.Type() == pcommon.ValueTypeSlice {
		r.failed = failed.Slice().AsRaw()
	}
	return r
}

// maxRoom is how much of each is kept: to clear the room of a huge resource would cost each small one after it.
const maxRoom = 1024

// forget lets go of what was read, and keeps the room.
func (m *Mapping) forget(r *resource) {
	if max(len(r.metrics), cap(r.alone), cap(r.points), cap(r.made.Value)) > maxRoom {
		return
	}
	clear(r.metrics)
	clear(r.alone)
	clear(r.points[:cap(r.points)])
	clear(r.made.Value[:cap(r.made.Value)])
	*r = resource{metrics: r.metrics, alone: r.alone[:0], points: r.points[:0], made: collect.Stat{Value: r.made.Value[:0]}}
	m.rooms.Put(r)
}

// pointsOf returns one metric's points; they hold until the next call.
func (r *resource) pointsOf(parts []pmetric.Metric) (points []point, err error) {
	r.points, err = appendPoints(r.points[:0], parts)
	return r.points, err
}

// stat makes the stat that a definition describes, or says what it lacks.
func (r *resource) stat(definition *definedStat, now time.Time, hides func(metric string) bool) (*collect.Stat, *Incomplete) {
	r.made = collect.Stat{InstanceID: r.instance, Name: definition.name, Value: slices.Grow(r.made.Value[:0], len(definition.fields))}
	var missing []string
	if r.instance == "" {
		missing = append(missing, "resource attribute "+InstanceID+" is absent")
	}
	var newest pcommon.Timestamp
	for i := range definition.fields {
		f := &definition.fields[i]
		value, timestamp, err := r.value(f, hides)
		if errors.Is(err, errAbsent) && f.Optional {
			continue
		}
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s %s", f, err))
			continue
		}
		r.made.Value = append(r.made.Value, collect.Member{Key: f.key, Value: value})
		newest = max(newest, timestamp)
	}
	absent := r.lacks(definition)
	if !absent && missing == nil && r.foundNothing(definition, hides) {
		missing = append(missing, "nothing was found for any of its fields")
	}
	if absent || missing != nil {
		return nil, &Incomplete{Stat: definition.name, Missing: missing, Absent: absent}
	}
	if newest == 0 {
		newest = r.newest()
	}
	r.made.Time = timeOf(newest, now)
	return &r.made, nil
}

// foundNothing reports whether all of a stat's fields are null, and none of them because it is small: then the
// report would say that there is an installation.
func (r *resource) foundNothing(definition *definedStat, hides func(metric string) bool) bool {
	if slices.ContainsFunc(r.made.Value, func(m collect.Member) bool { return m.Value.Kind() != collect.KindNull }) {
		return false
	}
	if hides == nil {
		return slices.ContainsFunc(definition.fields, func(f field) bool { return f.Metric == "" })
	}
	return !slices.ContainsFunc(definition.fields, func(f field) bool { return f.Metric != "" && hides(f.Metric) })
}

// String names the field's origin.
func (f *field) String() string {
	if f.Metric != "" {
		return "metric " + f.Metric
	}
	return "resource attribute " + f.Resource
}

// lacks reports whether the resource holds no metric of the stat, or, where the
// stat is made of attributes alone, none of these. Where each of its metrics may be absent, any will do. One
// that could not be read is no sign that there is nothing to report.
func (r *resource) lacks(definition *definedStat) bool {
	if len(r.failed) > 0 && slices.ContainsFunc(definition.fields, func(f field) bool { return !f.Optional && r.unread(&f) }) {
		return false
	}
	ofMetrics := slices.ContainsFunc(definition.fields, func(f field) bool { return f.Metric != "" })
	needed := slices.ContainsFunc(definition.fields, func(f field) bool { return f.Metric != "" && f.Default == nil })
	if ofMetrics && !needed {
		return len(r.metrics) == 0
	}
	return !slices.ContainsFunc(definition.fields, func(f field) (held bool) {
		if ofMetrics {
			_, held = r.metrics[f.Metric]
			return held && f.Metric != ""
		}
		_, held = r.attributes.Get(f.Resource)
		return held
	})
}

// newest is the newest timestamp of all the resource's points.
func (r *resource) newest() (newest pcommon.Timestamp) {
	for _, parts := range r.metrics {
		points, err := r.pointsOf(parts)
		if err != nil {
			continue // a stat that needs them says why not
		}
		for _, p := range points {
			newest = max(newest, p.time)
		}
	}
	return newest
}

// timeOf is the newest timestamp, to the microsecond of the wire format. Where no point has one it is the day, as
// the anonymizer cuts times by default: the moment would be more exact than what any rule let through.
func timeOf(newest pcommon.Timestamp, now time.Time) time.Time {
	if newest == 0 {
		return now.UTC().Truncate(24 * time.Hour)
	}
	return newest.AsTime().Truncate(time.Microsecond)
}
