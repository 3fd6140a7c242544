// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"errors"
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Unmapped says what becomes of what no definition names.
type Unmapped string

const (
	// Drop drops fields that the stat's definition does not name, and refuses stats that have none.
	Drop Unmapped = "drop"
	// Keep makes metrics and resource attributes of them, named NAME.KEY, or KEY alone in a stat USAGE.
	Keep Unmapped = "keep"
)

// Validate implements confmap.Validator.
func (u Unmapped) Validate() error {
	if u != Drop && u != Keep {
		return fmt.Errorf("%q is unknown: write drop or keep", string(u))
	}
	return nil
}

// Report is the metric, always 1, of a stat that is made of resource attributes
// alone: metrics pipelines drop a resource without metrics, and it carries the
// stat's time.
const Report = "collect.report"

// GroupAttribute is the data point attribute of a group that no definition names.
const GroupAttribute = "group"

var (
	// ErrUnknownStat is a stat that no definition names.
	ErrUnknownStat = errors.New("this endpoint does not know a stat of this name")
	// ErrFieldType is a field whose value cannot come from the origin that its definition names.
	ErrFieldType = errors.New("wrong type")
)

// Metrics returns the metrics of one resource of which Stats makes the stat, and
// how many of its fields are dropped.
//
// A number becomes a gauge, null a point without a recorded value; an object
// becomes a gauge with a point a group where the definition says `by`, else a
// cumulative histogram without a sum. A field from a resource attribute keeps
// its type, null becomes an empty one. Without its key a field becomes nothing.
// A stat of attributes alone gets the metric Report.
// Of several fields from one metric or attribute the first is read.
// What an app says under ErrorKey is always dropped. Errors are ErrUnknownStat
// and ErrFieldType; they name the definition's keys, never what the stat holds.
func (m *Mapping) Metrics(stat Stat, unmapped Unmapped) (pmetric.Metrics, int, error) {
	definition, known := m.byName[stat.Name]
	if !known {
		if unmapped != Keep {
			return pmetric.Metrics{}, 0, ErrUnknownStat
		}
		definition = &definedStat{}
	}
	metrics := pmetric.NewMetrics()
	w := writing{resource: metrics.ResourceMetrics().AppendEmpty(), time: pcommon.NewTimestampFromTime(stat.Time)}
	w.resource.Resource().Attributes().EnsureCapacity(1 + len(stat.Value))
	w.resource.Resource().Attributes().PutStr(InstanceID, stat.InstanceID)
	dropped := 0
	for i := range stat.Value {
		key, value := stat.Value[i].Key, stat.Value[i].Value
		if f, named := definition.field(key); named {
			if f.told {
				continue
			}
			if err := w.field(f, value); err != nil {
				return pmetric.Metrics{}, 0, err
			}
		} else if key == ErrorKey || unmapped != Keep || !w.unmapped(stat.Name, key, value) {
			dropped++
		}
	}
	if w.resource.ScopeMetrics().Len() == 0 && dropped < len(stat.Value) {
		setNumber(w.gauge(Report).AppendEmpty(), w.time, Int(1))
	}
	return metrics, dropped, nil
}

// writing is one resource in the making.
type writing struct {
	resource pmetric.ResourceMetrics
	time     pcommon.Timestamp
}

func (w *writing) field(f *field, value Value) error {
	switch {
	case f.Resource != "":
		if value.Kind() == KindObject {
			return fmt.Errorf("%w: value: %q is a text, number, boolean or null", ErrFieldType, f.key)
		}
		w.attribute(f.Resource, value)
	case f.By != "":
		if !isGroup(value) {
			return fmt.Errorf("%w: value: %q is an object of numbers", ErrFieldType, f.key)
		}
		w.groups(f.Metric, f.By, value.Object())
	case value.Kind() == KindObject:
		if !w.histogram(f.Metric, value.Object()) {
			return fmt.Errorf("%w: value: %q is a number, or counts by upper bound up to %s", ErrFieldType, f.key, unbounded)
		}
	default:
		if !isNumber(value) {
			return fmt.Errorf("%w: value: %q is a number", ErrFieldType, f.key)
		}
		setNumber(w.gauge(f.Metric).AppendEmpty(), w.time, value)
	}
	return nil
}

// unmapped keeps a field that no definition names, and reports whether it could.
func (w *writing) unmapped(stat, key string, value Value) bool {
	name := stat + "." + key
	if stat == Usage {
		name = key
	}
	switch {
	case name == InstanceID:
		return false
	case isGroup(value):
		w.groups(name, GroupAttribute, value.Object())
	case value.Kind() == KindInt || value.Kind() == KindDouble:
		setNumber(w.gauge(name).AppendEmpty(), w.time, value)
	case value.Kind() != KindObject:
		w.attribute(name, value)
	default:
		return false
	}
	return true
}

func (w *writing) attribute(name string, value Value) {
	attributes := w.resource.Resource().Attributes()
	switch value.Kind() {
	case KindBool:
		attributes.PutBool(name, value.Bool())
	case KindInt:
		attributes.PutInt(name, value.Int())
	case KindDouble:
		attributes.PutDouble(name, value.Double())
	case KindText:
		attributes.PutStr(name, value.Text())
	default:
		attributes.PutEmpty(name)
	}
}

func (w *writing) groups(metric, by string, groups Object) {
	points := w.gauge(metric)
	for i := range groups {
		p := points.AppendEmpty()
		p.Attributes().PutStr(by, groups[i].Key)
		setNumber(p, w.time, groups[i].Value)
	}
}

func (w *writing) gauge(name string) pmetric.NumberDataPointSlice {
	return w.metric(name).SetEmptyGauge().DataPoints()
}

func (w *writing) metric(name string) pmetric.Metric {
	scopes := w.resource.ScopeMetrics()
	if scopes.Len() == 0 {
		scopes.AppendEmpty()
	}
	metric := scopes.At(0).Metrics().AppendEmpty()
	metric.SetName(name)
	return metric
}

func isNumber(value Value) bool {
	return value.Kind() == KindInt || value.Kind() == KindDouble || value.Kind() == KindNull
}

func isGroup(value Value) bool {
	return value.Kind() == KindObject && !slices.ContainsFunc(value.Object(), func(m Member) bool { return !isNumber(m.Value) })
}

func setNumber(p pmetric.NumberDataPoint, time pcommon.Timestamp, value Value) {
	p.SetTimestamp(time)
	switch value.Kind() {
	case KindInt:
		p.SetIntValue(value.Int())
	case KindDouble:
		p.SetDoubleValue(value.Double())
	default:
		p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
}
