// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// series is one metric with one set of attributes. Each of its metrics has one point.
type series struct {
	// ended is what ended processes counted, and all delta points; nil without any.
	ended *pmetric.Metric
	// processes hold the last cumulative point, or gauge, of each.
	processes map[string]part
	updated   time.Time
}

// part is what one process reported last.
type part struct {
	metric  pmetric.Metric
	updated time.Time
}

func newSeries() *series { return &series{processes: map[string]part{}} }

// observe takes in one point of a process. It reports false for one that cannot
// be added to what is there.
func (s *series) observe(process string, m pmetric.Metric, now time.Time) bool {
	if isDelta(m) {
		setCumulative(m)
		if !s.fold(m) {
			return false
		}
		s.updated = now
		return true
	}
	if last, known := s.processes[process]; known && accumulates(m) && restarted(last.metric, m) && !s.fold(last.metric) {
		return false
	}
	s.processes[process] = part{m, now}
	s.updated = now
	return true
}

// fold adds what will not be reported again.
func (s *series) fold(m pmetric.Metric) bool {
	if s.ended == nil {
		s.ended = &m
		return true
	}
	return add(*s.ended, m)
}

// expire drops processes whose gauge no longer says anything, and folds counters
// of processes that ended so long ago that they do not come back.
func (s *series) expire(now time.Time, timeout time.Duration) {
	for process, last := range s.processes {
		age := now.Sub(last.updated)
		switch {
		case accumulates(last.metric) && age > retention:
			s.fold(last.metric)
			delete(s.processes, process)
		case !accumulates(last.metric) && age > timeout:
			delete(s.processes, process)
		}
	}
}

func (s *series) empty() bool { return s.ended == nil && len(s.processes) == 0 }

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
	for _, process := range slices.Sorted(maps.Keys(s.processes)) {
		join(s.processes[process].metric)
	}
	return sum
}
