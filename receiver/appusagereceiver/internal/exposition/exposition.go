// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package exposition reads single figures out of what a program exposes to Prometheus, in
// Prometheus' text format or in OpenMetrics. A test compares it with Prometheus' own parser, which would bring
// Prometheus' protobuf into the program, a twenty-fifth of it.
package exposition // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/exposition"

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errProtobuf  = &source.Error{Reason: "it is protobuf, where text was asked for", SessionLost: true}
	errCut       = &source.Error{Reason: "it has no end, and may be a part: the last line ends with a line feed, and of OpenMetrics it is `# EOF`", SessionLost: true}
	errTotal     = &source.Error{Reason: "one of the samples to add up says that it is the total of the others: name it under `labels`"}
	errWindows   = &source.Error{Reason: "each window of time holds those within it, so that their sum counts many times: name one by its label under `labels`"}
	errProcesses = &source.Error{Reason: "each process of the program tells a gauge of its own, by `pid`, and together they may tell the same thing many times: let it gather them (Python's `multiprocess_mode`)"}
	errBuckets   = &source.Error{Reason: "each of a histogram's buckets counts those before it as well, so that their sum counts many times: name one by `le` under labels, or ask for the histogram itself, which is its count"}
	errQuantiles = &source.Error{Reason: "quantiles make no sum: name one by `quantile` under labels, or ask for the `_count` beside them"}
	errTwice     = &source.Error{Reason: "the endpoint exposes a series twice with different values, and which one holds is not known"}
	errSeveral   = &source.Error{Reason: "several samples match: narrow `labels`, or write `sum: true`"}
)

// Exposition is what a program exposes at one moment.
type Exposition struct {
	samples []sample
	// types are those of the families, by name.
	types map[string]model.MetricType
}

type sample struct {
	name   string
	labels map[string]string
	value  float64
	// at is its own timestamp in milliseconds; 0 without one.
	at int64
}

// series tells one from another by its labels.
func (s sample) series() string {
	var id strings.Builder
	for _, label := range slices.Sorted(maps.Keys(s.labels)) {
		fmt.Fprintf(&id, "%q=%q,", label, s.labels[label])
	}
	return id.String()
}

// Query asks for one sample, or for the sum of several.
type Query struct {
	// Name of the samples. That of a histogram or a summary asks for its count, and that of a counter in
	// OpenMetrics for its total.
	Name string
	// Labels are those that a sample must have; it may have others. The empty value stands for no such label.
	Labels map[string]string
	// Sum adds up all samples that match.
	Sum bool
}

// Value answers a query; a nil Value means that there is no such sample, or one that is not a number.
func (e *Exposition) Value(q Query) (source.Value, error) {
	q.Name = e.spelled(q.Name)
	if err := e.noAddends(q); err != nil {
		return nil, err
	}
	found, err := e.matching(q.Name, q.Labels)
	_, quantile := q.Labels[model.QuantileLabel]
	of := e.types[q.Name]
	if suffix := counts[of]; suffix != "" && (len(found) == 0 || of == model.MetricTypeSummary && !quantile) {
		found, err = e.matching(q.Name+suffix, q.Labels)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case len(found) > 1 && !q.Sum:
		return nil, errSeveral
	case holdTotal(found):
		return nil, errTotal
	case holdWindows(found):
		return nil, errWindows
	case of == model.MetricTypeGauge && len(found) > 1 && differ(found, "pid"):
		return nil, errProcesses
	}
	var sum source.Sum
	for _, s := range found {
		if math.IsNaN(s.value) { // as a stale one is, too
			continue
		}
		number, err := whole(s.value)
		if err == nil {
			err = sum.Add(number)
		}
		if err != nil {
			return nil, err
		}
	}
	if sum.Addends() == 0 {
		return nil, nil
	}
	return sum.Total()
}

// counts are the samples that count what a family is about, where none has the family's name.
var counts = map[model.MetricType]string{
	model.MetricTypeHistogram: "_count", model.MetricTypeGaugeHistogram: "_gcount",
	model.MetricTypeSummary: "_count", model.MetricTypeCounter: "_total",
}

// spelled is the name as the program spells it: to whom does not ask for more it writes app_users for app.users, and
// some libraries end a counter with _total in one format and not in the other.
func (e *Exposition) spelled(name string) string {
	if e.holds(name) {
		return name
	}
	name = model.EscapeName(name, model.UnderscoreEscaping)
	if !e.holds(name) {
		for _, counter := range []string{strings.TrimSuffix(name, "_total"), name + "_total"} {
			if e.types[counter] == model.MetricTypeCounter {
				return counter
			}
		}
	}
	return name
}

// holds reports whether a family or a sample has this name.
func (e *Exposition) holds(name string) bool {
	_, typed := e.types[name]
	return typed || slices.ContainsFunc(e.samples, func(s sample) bool { return s.name == name })
}

// matching returns of the series that match each the newest sample.
func (e *Exposition) matching(name string, wanted map[string]string) (found []sample, err error) {
	newest := map[string]sample{}
	var series []string
samples:
	for _, s := range e.samples {
		if s.name != name {
			continue
		}
		for label, value := range wanted {
			if !same(label, cmp.Or(s.labels[label], s.labels[model.EscapeName(label, model.UnderscoreEscaping)]), value) {
				continue samples
			}
		}
		id := s.series()
		before, met := newest[id]
		switch {
		case !met:
			series = append(series, id)
		case s.at == before.at && math.Float64bits(s.value) != math.Float64bits(before.value):
			return nil, errTwice
		case s.at <= before.at:
			continue
		}
		newest[id] = s
	}
	for _, id := range series {
		found = append(found, newest[id])
	}
	return found, nil
}

// same compares a label's value; a bound or a quantile is a number, which Prometheus writes in its own way.
func same(label, found, wanted string) bool {
	if found == wanted || label != model.BucketLabel && label != model.QuantileLabel {
		return found == wanted
	}
	a, errFound := strconv.ParseFloat(found, 64)
	b, errWanted := strconv.ParseFloat(wanted, 64)
	return errFound == nil && errWanted == nil && a == b
}

// noAddends reports why the samples that a query would add up make no sum.
func (e *Exposition) noAddends(q Query) error {
	_, ofBucket := q.Labels[model.BucketLabel]
	_, ofQuantile := q.Labels[model.QuantileLabel]
	for _, s := range e.samples {
		_, isBucket := s.labels[model.BucketLabel]
		_, isQuantile := s.labels[model.QuantileLabel]
		switch {
		case !q.Sum || s.name != q.Name:
		case !ofBucket && strings.HasSuffix(q.Name, "_bucket") && isBucket:
			return errBuckets
		case !ofQuantile && e.types[q.Name] != model.MetricTypeSummary && isQuantile:
			return errQuantiles
		}
	}
	return nil
}

// maxWhole is up to where a float64 tells each integer from the next.
const maxWhole = 1 << 53

// whole makes an integer of what is one: the formats know only floats, and a count is none.
func whole(value float64) (source.Value, error) {
	switch {
	case math.IsInf(value, 0):
		return nil, source.ErrRange
	case value == math.Trunc(value) && math.Abs(value) <= maxWhole:
		return int64(value), nil
	default:
		return value, nil
	}
}
