// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package exposition reads single figures out of what a program exposes to Prometheus, in
// Prometheus' text format or in OpenMetrics, with Prometheus' own parser.
package exposition // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/exposition"

import (
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errDamaged   = &source.Error{Reason: "it is no exposition of metrics, neither in Prometheus' format nor in OpenMetrics", SessionLost: true}
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
	labels labels.Labels
	value  float64
	// at is its own timestamp in milliseconds; 0 without one.
	at int64
}

// Parse reads an exposition in the format of its media type; without one that is known it is
// Prometheus' text. No error of it repeats anything of the exposition.
func Parse(data []byte, mediaType string) (*Exposition, error) {
	parser, _ := textparse.New(data, mediaType, nil, textparse.ParserOptions{FallbackContentType: "text/plain"}) // an error is that it falls back
	if parser == nil {
		return nil, errDamaged
	}
	e := &Exposition{types: map[string]model.MetricType{}}
	for {
		entry, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return e, nil
		case err != nil:
			return nil, errDamaged
		}
		switch entry {
		case textparse.EntryType:
			name, of := parser.Type()
			e.types[string(name)] = of
		case textparse.EntrySeries:
			var s sample
			var at *int64
			_, at, s.value = parser.Series()
			if at != nil {
				s.at = *at
			}
			parser.Labels(&s.labels)
			e.samples = append(e.samples, s)
		}
	}
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
	if len(found) > 1 && !q.Sum {
		return nil, errSeveral
	}
	var sum source.Sum
	for _, value := range found {
		if math.IsNaN(value) { // as a stale one is, too
			continue
		}
		number, err := whole(value)
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

// matching returns the values of the series that match, of each the newest.
func (e *Exposition) matching(name string, wanted map[string]string) (values []float64, err error) {
	newest := map[uint64]sample{}
	var series []uint64
samples:
	for _, s := range e.samples {
		if s.labels.Get(model.MetricNameLabel) != name {
			continue
		}
		for label, value := range wanted {
			if !same(label, s.labels.Get(label), value) {
				continue samples
			}
		}
		id := s.labels.Hash()
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
		values = append(values, newest[id].value)
	}
	return values, nil
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
		switch {
		case !q.Sum || s.labels.Get(model.MetricNameLabel) != q.Name:
		case !ofBucket && strings.HasSuffix(q.Name, "_bucket") && s.labels.Has(model.BucketLabel):
			return errBuckets
		case !ofQuantile && e.types[q.Name] != model.MetricTypeSummary && s.labels.Has(model.QuantileLabel):
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
