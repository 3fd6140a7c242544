// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/collect"
)

func (r *resource) value(f *field, hides func(metric string) bool) (collect.Value, pcommon.Timestamp, error) {
	if f.Resource != "" {
		value, err := r.attribute(f)
		return value, 0, err
	}
	parts, ok := r.metrics[f.Metric]
	if !ok {
		value, err := r.withoutMetric(f, hides)
		return value, 0, err
	}
	if f.Increase {
		if err := increases(parts); err != nil {
			return collect.Value{}, 0, err
		}
	}
	points, err := r.pointsOf(parts)
	if err != nil {
		return collect.Value{}, 0, err
	}
	if f.By != "" {
		return grouped(points, "attribute "+f.By, f.groupOf)
	}
	if f.byAll && slices.ContainsFunc(points, func(p point) bool { return p.attributes.Len() > 0 }) {
		return grouped(points, "all attributes", joined)
	}
	switch len(points) {
	case 0:
		if hides != nil && hides(f.Metric) {
			return collect.Null(), 0, nil // all that was counted is small
		}
		return collect.Value{}, 0, errAbsent
	case 1:
		return points[0].value, points[0].time, nil
	default:
		return collect.Value{}, 0, fmt.Errorf("has %d points: write `by:` with the attribute that tells them apart", len(points))
	}
}

// withoutMetric is the value of a field whose metric is not there.
func (r *resource) withoutMetric(f *field, hides func(metric string) bool) (collect.Value, error) {
	switch {
	case f.Default == nil && (f.Optional || !r.unread(f)):
		return collect.Value{}, errAbsent
	case r.unread(f):
		return collect.Value{}, errUnread
	case hides != nil && hides(f.Metric):
		return collect.Null(), nil // what was never counted is small
	default:
		return f.fallback(), nil
	}
}

// unread reports whether the reading of the field's metric failed.
func (r *resource) unread(f *field) bool {
	return f.Metric != "" && slices.Contains(r.failed, any(f.Metric))
}

// groupOf is the group of a point: the values of the attributes that By names, with commas between.
func (f *field) groupOf(attributes pcommon.Map) (string, bool) {
	group, rest, more := "", f.By, true
	for separator := ""; more; separator = "," {
		var by string
		by, rest, more = strings.Cut(rest, ",")
		name, ok := attributes.Get(strings.TrimSpace(by))
		if !ok {
			return "", false
		}
		group += separator + name.AsString()
	}
	return group, true
}

func (r *resource) attribute(f *field) (collect.Value, error) {
	attribute, ok := r.attributes.Get(f.Resource)
	switch {
	case ok:
		return scalar(attribute)
	case f.Optional:
		return collect.Value{}, errAbsent
	case slices.Contains(r.failed, any(f.Resource)):
		return collect.Value{}, errUnread
	default:
		return collect.Null(), nil
	}
}

func scalar(attribute pcommon.Value) (collect.Value, error) {
	switch attribute.Type() {
	case pcommon.ValueTypeEmpty:
		return collect.Null(), nil
	case pcommon.ValueTypeBool:
		return collect.Bool(attribute.Bool()), nil
	case pcommon.ValueTypeInt:
		return collect.Int(attribute.Int()), nil
	case pcommon.ValueTypeDouble:
		value := collect.Double(attribute.Double())
		if !value.IsFinite() {
			return collect.Value{}, errNotFinite
		}
		return value, nil
	case pcommon.ValueTypeStr:
		return collect.Text(attribute.Str()), nil
	default:
		return collect.Value{}, fmt.Errorf("is of type %s, which a stat cannot say", attribute.Type())
	}
}

// grouped returns the points' numbers by the group that nameOf gives each. A
// point with neither group nor value is a suppressed one, which leaves no trace.
func grouped(points []point, what string, nameOf func(pcommon.Map) (string, bool)) (collect.Value, pcommon.Timestamp, error) {
	var newest pcommon.Timestamp
	members := make([]collect.Member, 0, len(points))
	for _, p := range points {
		name, ok := nameOf(p.attributes)
		switch {
		case !ok && p.value.Kind() == collect.KindNull:
			continue
		case !ok:
			return collect.Value{}, 0, fmt.Errorf("has a point without %s", what)
		case p.value.Kind() == collect.KindObject:
			return collect.Value{}, 0, errors.New("is a histogram by groups, which a stat cannot say")
		}
		members = append(members, collect.Member{Key: name, Value: p.value})
		newest = max(newest, p.time)
	}
	group := collect.NewObject(members...)
	for i := 1; i < len(group); i++ {
		if group[i].Key == group[i-1].Key {
			return collect.Value{}, 0, fmt.Errorf("has several points with one value of %s", what)
		}
	}
	return collect.Group(group), newest, nil
}
