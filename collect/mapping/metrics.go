// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/conf"
)

// Unmapped says what becomes of what no definition names.
type Unmapped string

const (
	// Drop drops fields that the stat's definition does not name, and refuses stats that have none.
	Drop Unmapped = "drop"
	// Keep makes metrics and resource attributes of them, named NAME.KEY, or KEY alone in a stat USAGE.
	Keep Unmapped = "keep"
)

// Unmappeds are all that Unmapped may be.
var Unmappeds = conf.WordsOf(Drop, Keep)

// Validate implements confmap.Validator.
func (u Unmapped) Validate() error {
	if u != Drop && u != Keep {
		return fmt.Errorf("%q is unknown: write %s", string(u), Unmappeds)
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
// becomes a gauge with a point a group where the definition says `by`, and one without
// a value where there is no group, else a cumulative histogram without a sum. A field from a resource attribute keeps
// its type, null becomes an empty one. Without its key a field becomes nothing.
// A stat of attributes alone gets the metric Report.
// Of several fields from one metric or attribute the first is read.
// What an app says under ErrorKey is always dropped. Errors are ErrUnknownStat
// and ErrFieldType; they name the definition's keys, never what the stat holds.
func (m *Mapping) Metrics(stat collect.Stat, unmapped Unmapped) (pmetric.Metrics, int, error) {
	definition, known := m.byName[stat.Name]
	if !known {
		if unmapped != Keep {
			return pmetric.Metrics{}, 0, ErrUnknownStat
		}
		definition = &definedStat{}
	}
	metrics := pmetric.NewMetrics()
	b := builder{resource: metrics.ResourceMetrics().AppendEmpty(), time: pcommon.NewTimestampFromTime(stat.Time)}
	b.resource.Resource().Attributes().EnsureCapacity(1 + len(stat.Value))
	b.resource.Resource().Attributes().PutStr(InstanceID, stat.InstanceID)
	dropped := 0
	for i := range stat.Value {
		key, value := stat.Value[i].Key, stat.Value[i].Value
		if f, named := definition.field(key); named {
			if f.repeats {
				continue
			}
			if err := b.field(f, value); err != nil {
				return pmetric.Metrics{}, 0, err
			}
		} else if key == ErrorKey || unmapped != Keep || !b.unmapped(stat.Name, key, value) {
			dropped++
		}
	}
	if b.resource.ScopeMetrics().Len() == 0 && dropped < len(stat.Value) {
		setNumber(b.gauge(Report).AppendEmpty(), b.time, collect.Int(1))
	}
	return metrics, dropped, nil
}

// builder is one resource in the making.
type builder struct {
	resource pmetric.ResourceMetrics
	time     pcommon.Timestamp
}

func (b *builder) field(f *field, value collect.Value) error {
	switch {
	case f.Resource != "":
		if value.Kind() == collect.KindObject {
			return fmt.Errorf("%w: value: %q is a text, number, boolean or null", ErrFieldType, f.key)
		}
		b.attribute(f.Resource, value)
	case f.By != "":
		if value.Kind() != collect.KindNull && !isGroup(value) {
			return fmt.Errorf("%w: value: %q is an object of numbers", ErrFieldType, f.key)
		}
		b.groups(f.Metric, f.By, value.Object())
	case value.Kind() == collect.KindObject:
		if !b.histogram(f.Metric, value.Object()) {
			return fmt.Errorf("%w: value: %q is a number, or counts by upper bound up to %s", ErrFieldType, f.key, unbounded)
		}
	default:
		if !isNumber(value) {
			return fmt.Errorf("%w: value: %q is a number", ErrFieldType, f.key)
		}
		setNumber(b.gauge(f.Metric).AppendEmpty(), b.time, value)
	}
	return nil
}

// unmapped keeps a field that no definition names, and reports whether it could.
func (b *builder) unmapped(stat, key string, value collect.Value) bool {
	name := stat + "." + key
	if stat == Usage {
		name = key
	}
	switch {
	case name == InstanceID:
		return false
	case isGroup(value):
		b.groups(name, GroupAttribute, value.Object())
	case value.Kind() == collect.KindInt || value.Kind() == collect.KindDouble:
		setNumber(b.gauge(name).AppendEmpty(), b.time, value)
	case value.Kind() != collect.KindObject:
		b.attribute(name, value)
	default:
		return false
	}
	return true
}

func (b *builder) attribute(name string, value collect.Value) {
	attributes := b.resource.Resource().Attributes()
	switch value.Kind() {
	case collect.KindBool:
		attributes.PutBool(name, value.Bool())
	case collect.KindInt:
		attributes.PutInt(name, value.Int())
	case collect.KindDouble:
		attributes.PutDouble(name, value.Double())
	case collect.KindText:
		attributes.PutStr(name, value.Text())
	default:
		attributes.PutEmpty(name)
	}
}

// groups makes a point of each. Without any, one without a value says that there are none, or that they are not known:
// a metric without points would say nothing, and what was said before would go on to hold.
func (b *builder) groups(metric, by string, groups collect.Object) {
	points := b.gauge(metric)
	if len(groups) == 0 {
		setNumber(points.AppendEmpty(), b.time, collect.Null())
	}
	for i := range groups {
		p := points.AppendEmpty()
		names := strings.Split(by, ",")
		for j, value := range strings.SplitN(groups[i].Key, ",", len(names)) {
			p.Attributes().PutStr(strings.TrimSpace(names[j]), value)
		}
		setNumber(p, b.time, groups[i].Value)
	}
}

func (b *builder) gauge(name string) pmetric.NumberDataPointSlice {
	return b.metric(name).SetEmptyGauge().DataPoints()
}

func (b *builder) metric(name string) pmetric.Metric {
	scopes := b.resource.ScopeMetrics()
	if scopes.Len() == 0 {
		scopes.AppendEmpty()
	}
	metric := scopes.At(0).Metrics().AppendEmpty()
	metric.SetName(name)
	return metric
}

func isNumber(value collect.Value) bool {
	return value.Kind() == collect.KindInt || value.Kind() == collect.KindDouble || value.Kind() == collect.KindNull
}

func isGroup(value collect.Value) bool {
	return value.Kind() == collect.KindObject && !slices.ContainsFunc(value.Object(), func(m collect.Member) bool { return !isNumber(m.Value) })
}

func setNumber(p pmetric.NumberDataPoint, time pcommon.Timestamp, value collect.Value) {
	p.SetTimestamp(time)
	switch value.Kind() {
	case collect.KindInt:
		p.SetIntValue(value.Int())
	case collect.KindDouble:
		p.SetDoubleValue(value.Double())
	default:
		p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
}
