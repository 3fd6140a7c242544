// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

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
	// something else, and nobody needs to be told.
	Absent bool
}

var (
	errAbsent    = errors.New("is absent")
	errNotFinite = errors.New("is not finite")
)

// Stats returns the stats that one resource holds, and those of which a part is missing.
//
// A metric gives its one point's number, a histogram an object of counts by
// upper bound, a metric with `by` an object of numbers by that attribute's
// value. A point without a recorded value is null, so is a resource attribute
// that is empty or absent; an absent metric, or an attribute whose reading
// failed, leaves the stat incomplete. A stat's time is the newest timestamp of
// the points that it uses, to the microsecond; when it uses none, the newest of
// the resource's, so that a truncated time stays truncated; without any, now.
func (m *Mapping) Stats(resource pmetric.ResourceMetrics, now time.Time) ([]Stat, []Incomplete) {
	r := newReading(resource)
	definitions := m.stats
	if len(definitions) == 0 {
		definitions = []definedStat{r.usage()}
	}
	var stats []Stat
	var incomplete []Incomplete
	for i := range definitions {
		stat, missing := r.stat(&definitions[i], now)
		if missing == nil {
			stats = append(stats, stat)
		} else {
			incomplete = append(incomplete, *missing)
		}
	}
	return stats, incomplete
}

// reading is one resource, made ready to be asked by name.
type reading struct {
	instance   string
	attributes pcommon.Map
	failed     []any
	metrics    map[string][]pmetric.Metric
	// points is room for those of one metric at a time.
	points []point
}

func newReading(resource pmetric.ResourceMetrics) *reading {
	r := &reading{attributes: resource.Resource().Attributes(), metrics: pointsByMetric(resource)}
	if id, ok := r.attributes.Get(InstanceID); ok && id.Type() == pcommon.ValueTypeStr {
		r.instance = id.Str()
	}
	if failed, ok := r.attributes.Get(trust.FailedReadings); ok && failed.Type() == pcommon.ValueTypeSlice {
		r.failed = failed.Slice().AsRaw()
	}
	return r
}

// pointsOf returns one metric's points; they hold until the next call.
func (r *reading) pointsOf(parts []pmetric.Metric) (points []point, err error) {
	r.points, err = appendPoints(r.points[:0], parts)
	return r.points, err
}

func (r *reading) stat(definition *definedStat, now time.Time) (Stat, *Incomplete) {
	stat := Stat{InstanceID: r.instance, Name: definition.name, Value: make(Object, 0, len(definition.fields))}
	incomplete := Incomplete{Stat: definition.name, Absent: r.lacks(definition)}
	if r.instance == "" {
		incomplete.Missing = append(incomplete.Missing, "resource attribute "+InstanceID+" is absent")
	}
	var newest pcommon.Timestamp
	for i := range definition.fields {
		f := &definition.fields[i]
		value, timestamp, err := r.value(f)
		if errors.Is(err, errAbsent) && f.Optional {
			continue
		}
		if err != nil {
			incomplete.Missing = append(incomplete.Missing, fmt.Sprintf("%s %s", f, err))
			continue
		}
		stat.Value = append(stat.Value, Member{f.key, value})
		newest = max(newest, timestamp)
	}
	if incomplete.Absent || incomplete.Missing != nil {
		return Stat{}, &incomplete
	}
	if newest == 0 {
		newest = r.newest()
	}
	stat.Time = timeOf(newest, now)
	return stat, nil
}

// String names the field's origin.
func (f *field) String() string {
	if f.Metric != "" {
		return "metric " + f.Metric
	}
	return "resource attribute " + f.Resource
}

// lacks reports whether the resource holds no metric of the stat, or, where the
// stat is made of attributes alone, none of these.
func (r *reading) lacks(definition *definedStat) bool {
	ofMetrics, ofAttributes := false, false
	for i := range definition.fields {
		f := &definition.fields[i]
		if f.Metric != "" {
			ofMetrics = true
			if _, ok := r.metrics[f.Metric]; ok {
				return false
			}
		} else if _, ok := r.attributes.Get(f.Resource); ok {
			ofAttributes = true
		}
	}
	return ofMetrics || !ofAttributes
}

// newest is the newest timestamp of all the resource's points.
func (r *reading) newest() (newest pcommon.Timestamp) {
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

// timeOf is the newest timestamp, to the microsecond of the wire format.
func timeOf(newest pcommon.Timestamp, now time.Time) time.Time {
	if newest == 0 {
		return now.UTC().Truncate(time.Microsecond)
	}
	return newest.AsTime().Truncate(time.Microsecond)
}
