// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package exposition reads single figures out of what a program exposes to Prometheus, in
// Prometheus' text format or in OpenMetrics, with Prometheus' own parser.
package exposition // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/exposition"

import (
	"errors"
	"io"
	"math"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errDamaged = &source.Error{Reason: "it is no exposition of metrics, neither in Prometheus' format nor in OpenMetrics", SessionLost: true}
	errSeveral = &source.Error{Reason: "several samples match: narrow `labels`, or write `sum: true`"}
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
			_, _, s.value = parser.Series()
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
	found := e.matching(q.Name, q.Labels)
	if suffix := counts[e.types[q.Name]]; len(found) == 0 && suffix != "" {
		found = e.matching(q.Name+suffix, q.Labels)
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

func (e *Exposition) matching(name string, wanted map[string]string) (values []float64) {
samples:
	for _, s := range e.samples {
		if s.labels.Get(model.MetricNameLabel) != name {
			continue
		}
		for label, value := range wanted {
			if s.labels.Get(label) != value {
				continue samples
			}
		}
		values = append(values, s.value)
	}
	return values
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
