// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// series is one metric with one set of attributes. Each of its metrics has one point.
type series struct {
	// ended is what ended processes counted, and all delta points; nil without any.
	ended *pmetric.Metric
	// writers hold the last cumulative point, or gauge, of each.
	writers map[string]part
	// increments are the delta points that each writer reported last: what an SDK sends again, because it did not
	// hear the answer, is told by them from what comes next.
	increments map[string]part
	updated    time.Time
}

// part is what one writer reported last.
type part struct {
	metric  pmetric.Metric
	updated time.Time
}

func newSeries() *series {
	return &series{writers: map[string]part{}, increments: map[string]part{}}
}

// any is one of the series' metrics, which all have its name and kind.
func (s *series) any() pmetric.Metric {
	if s.ended != nil {
		return *s.ended
	}
	for _, last := range s.writers {
		return last.metric
	}
	return pmetric.NewMetric()
}

func (s *series) name() string { m := s.any(); return m.Name() }
func (s *series) kind() string { return metricKey(s.any()) }

// fate is what became of a point.
type fate int

const (
	taken fate = iota
	// unaddable is a point that cannot be added to what is there.
	unaddable
	// stale is a point that came twice, or too late.
	stale
	// mixed is a point that says less than the one before, though it counts since the same moment: it is another writer's.
	mixed
	// shared is a delta point that was taken in, of the very times of another one: what both say alike is not told from what
	// comes twice.
	shared
)

// observe takes in one point of a writer.
func (s *series) observe(writer string, m pmetric.Metric, now time.Time) fate {
	if isDelta(m) {
		return s.increase(writer, m, now)
	}
	sharing := writer
	if m.Type() != pmetric.MetricTypeGauge { // who begins anew is another writer, and so are two that share a name
		writer += strconv.FormatUint(uint64(startTimestamp(m)), 36)
	}
	last, known := s.writers[writer]
	if !known && !accumulates(m) {
		s.outlive(sharing, m)
	}
	if known {
		switch {
		case grew(m, last.metric): // by its own count it is the newer one, whatever the clocks say
		case isOlder(m, last.metric, now):
			return stale
		case !accumulates(m) || size(m) >= size(last.metric):
		case startTimestamp(m) > 0 || timestamp(m) > 0 && timestamp(m) == timestamp(last.metric):
			return mixed
		case !s.fold(last.metric): // it began anew, and does not know when
			return unaddable
		}
	}
	s.writers[writer] = part{m, now}
	s.updated = now
	return taken
}

// outlive lets go of what those said who share a writer's name and began before it, for it may be one of them that was
// started anew. Who works beside it says so again at its next export. What only grows stays, as it was counted. What an
// earlier version stored of the same one has its name alone.
func (s *series) outlive(sharing string, m pmetric.Metric) {
	maps.DeleteFunc(s.writers, func(writer string, last part) bool {
		return strings.HasPrefix(writer, sharing) && startTimestamp(last.metric) <= startTimestamp(m)
	})
}

// increase takes in a delta point, once.
func (s *series) increase(writer string, m pmetric.Metric, now time.Time) fate {
	last, known := s.increments[writer]
	if known && startTimestamp(m) > 0 && isSame(m, last.metric) {
		return stale
	}
	increment := pmetric.NewMetric()
	m.CopyTo(increment)
	setCumulative(m)
	if !s.fold(m) {
		return unaddable
	}
	s.increments[writer] = part{increment, now}
	s.updated = now
	if known && startTimestamp(increment) > 0 && areOfOneTime(increment, last.metric) {
		return shared
	}
	return taken
}

// fold adds what will not be reported again.
func (s *series) fold(m pmetric.Metric) bool {
	if s.ended == nil {
		s.ended = &m
		return true
	}
	return add(*s.ended, m)
}

// manyWriters are so many that they come and go, such as a program's that runs each minute.
const manyWriters = 100

// expire drops processes whose gauge no longer says anything, and folds counters of processes that ended so long ago
// that they do not come back. Among many it does not wait: each would be stored anew with every request of another.
func (s *series) expire(now time.Time, timeout time.Duration) {
	remembered := retention
	if max(len(s.writers), len(s.increments)) > manyWriters {
		remembered = timeout
	}
	for writer, last := range s.increments {
		if now.Sub(last.updated) > remembered {
			delete(s.increments, writer)
		}
	}
	for writer, last := range s.writers {
		age := now.Sub(last.updated)
		switch {
		case accumulates(last.metric) && age > remembered:
			s.fold(last.metric)
			delete(s.writers, writer)
		case !accumulates(last.metric) && age > timeout:
			delete(s.writers, writer)
		}
	}
}

func (s *series) empty() bool { return s.ended == nil && len(s.writers) == 0 }

// total is what all processes together say: the sum, or of a gauge what was said last.
func (s *series) total() pmetric.Metric {
	sum := pmetric.NewMetric()
	begun := false
	join := func(m pmetric.Metric) {
		switch {
		case !begun:
			m.CopyTo(sum)
			begun = true
		case m.Type() == pmetric.MetricTypeGauge:
			if timestamp(m) >= timestamp(sum) {
				m.CopyTo(sum)
			}
		default:
			add(sum, m)
		}
	}
	if s.ended != nil {
		join(*s.ended)
	}
	for _, writer := range slices.Sorted(maps.Keys(s.writers)) {
		join(s.writers[writer].metric)
	}
	return sum
}
