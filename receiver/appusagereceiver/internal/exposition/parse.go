// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Parse reads an exposition in the format of its media type; without one that is known it is
// Prometheus' text. No error of it repeats anything of the exposition. A part of one is refused:
// a number may be cut off within, and what is missing is not 0.
func Parse(data []byte, mediaType string) (*Exposition, error) {
	mediaType = strings.ToLower(mediaType)
	if strings.HasPrefix(mediaType, "application/vnd.google.protobuf") {
		return nil, errProtobuf
	}
	isOpen := strings.HasPrefix(mediaType, "application/openmetrics-text")
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	e := &Exposition{types: map[string]model.MetricType{}}
	if err := e.readAll(strings.Split(string(data), "\n"), isOpen); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Exposition) readAll(lines []string, isOpen bool) error {
	last := len(lines) - 1 // empty where all ends with a line feed
	for n := 0; n <= last; {
		if isOpen && lines[n] == "# EOF" && (n == last || n == last-1 && lines[last] == "") {
			return nil
		}
		if n == last && lines[n] == "" {
			break
		}
		taken := 1
		if !isOpen {
			taken = span(lines[n:])
		}
		if !e.read(&line{rest: strings.Join(lines[n:n+taken], "\n"), isOpen: isOpen}) {
			return damage(n + 1)
		}
		n += taken
	}
	if isOpen || lines[last] != "" {
		return errCut
	}
	return nil
}

// span is how many lines a sample takes: programs forget to escape a line feed, and Prometheus does not mind.
func span(lines []string) int {
	n := 1
	if strings.HasPrefix(strings.TrimLeft(lines[0], " \t"), "#") {
		return n
	}
	for within := quotes(lines[0], false); within && n < len(lines); n++ {
		within = quotes(lines[n], within)
	}
	return n
}

// damage names the line that cannot be read.
func damage(line int) error {
	return &source.Error{
		Reason:      fmt.Sprintf("it is no exposition of metrics, neither in Prometheus' format nor in OpenMetrics: see line %d", line),
		SessionLost: true,
	}
}

// read takes one line in; it reports whether it can be read.
func (e *Exposition) read(l *line) bool {
	if strings.ContainsRune(l.rest, 0) {
		return false
	}
	switch l.blanks(); {
	case l.rest == "":
		return !l.isOpen
	case l.rest[0] == '#':
		return e.metadata(l)
	}
	s, ok := l.sample()
	if ok {
		e.samples = append(e.samples, s)
	}
	return ok
}

// types are the families' types by their names in the two formats.
var (
	types = map[string]model.MetricType{
		"counter": model.MetricTypeCounter, "gauge": model.MetricTypeGauge, "histogram": model.MetricTypeHistogram,
		"summary": model.MetricTypeSummary, "untyped": model.MetricTypeUnknown,
	}
	openTypes = map[string]model.MetricType{
		"counter": model.MetricTypeCounter, "gauge": model.MetricTypeGauge, "histogram": model.MetricTypeHistogram,
		"summary": model.MetricTypeSummary, "unknown": model.MetricTypeUnknown, "gaugehistogram": model.MetricTypeGaugeHistogram,
		"info": model.MetricTypeInfo, "stateset": model.MetricTypeStateset,
	}
)

// metadata takes in what a comment says of a family; in Prometheus' format it may say anything else.
func (e *Exposition) metadata(l *line) bool {
	l.rest = l.rest[1:]
	keyword, isKeyword := l.keyword()
	if !isKeyword {
		return !l.isOpen
	}
	family, _ := l.name(":")
	said, isSaid := l.said()
	if family == "" || !isSaid {
		return false
	}
	switch keyword {
	case "TYPE":
		known := types
		if l.isOpen {
			known = openTypes
		}
		of, isKnown := known[said]
		e.types[family] = of
		return isKnown
	case "UNIT":
		return said == "" || strings.HasSuffix(family, "_"+said)
	}
	return true
}

// sample is name{label="value",…} value [time], in OpenMetrics with an exemplar behind it.
func (l *line) sample() (s sample, ok bool) {
	s = sample{labels: map[string]string{}}
	if !isText(l.rest) {
		return s, false
	}
	if !strings.HasPrefix(l.rest, `"`) {
		s.name, _ = l.name(":")
	}
	if l.take("{") && !l.labels(s.labels, &s.name) || s.name == "" {
		return s, false
	}
	if s.value, ok = number(l.field()); !ok {
		return s, false
	}
	if s.at, ok = l.time(); !ok {
		return s, false
	}
	if l.isOpen && l.take(" # {") {
		return s, l.exemplar()
	}
	l.blanks()
	return s, l.rest == ""
}

// time is a sample's own timestamp in milliseconds, of which OpenMetrics writes seconds; 0 without one.
func (l *line) time() (at int64, ok bool) {
	if l.isOpen && (l.rest == "" || strings.HasPrefix(l.rest, " # {")) {
		return 0, true
	}
	text := l.field()
	if l.isOpen {
		seconds, ok := number(text)
		return int64(seconds * 1000), ok && !math.IsNaN(seconds) && !math.IsInf(seconds, 0)
	}
	if text == "" {
		return 0, true
	}
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	at, err := strconv.ParseInt(text, 10, 64)
	return at, err == nil
}

// exemplar reads one past, of which nothing is used.
func (l *line) exemplar() bool {
	if !l.labels(map[string]string{}, nil) {
		return false
	}
	if _, ok := number(l.field()); !ok {
		return false
	}
	if l.rest == "" {
		return true
	}
	_, ok := l.time()
	return ok && l.rest == ""
}

// number is a float as Prometheus writes it: Go's, without its newer forms.
func number(text string) (float64, bool) {
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil && !strings.ContainsAny(text, "pP_")
}
