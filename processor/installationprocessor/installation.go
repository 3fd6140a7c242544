// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

const scope = "github.com/headcount-otel/headcount/processor/installationprocessor"

// installation is what the processes of one installation reported.
type installation struct {
	key    string // under which it is found and stored
	id     string
	series map[string]*series
	// torn are metrics of which series were left out, and when that was last.
	torn map[string]time.Time
	// resource is what the process that reported last says of itself.
	resource pcommon.Map
	timer    *time.Timer // not nil while it is being gathered
}

func newInstallation(key, id string) *installation {
	return &installation{key: key, id: newID(id), series: map[string]*series{}, torn: map[string]time.Time{}, resource: pcommon.NewMap()}
}

// observe takes in what one process reports. It returns how many points were not
// taken in, by the reason.
func (i *installation) observe(rm pmetric.ResourceMetrics, now time.Time, maxSeries int) (left leftOut) {
	rm.Resource().Attributes().CopyTo(i.resource)
	process := processOf(rm.Resource().Attributes())
	for _, sm := range rm.ScopeMetrics().All() {
		writer := writerOf(process, sm.Scope())
		for _, m := range sm.Metrics().All() {
			singles, unreadable := split(m)
			left.malformed += unreadable
			for _, single := range singles {
				if loses(rm.Resource().Attributes(), single) {
					left.lost++
					i.torn[m.Name()] = now
					continue
				}
				key := seriesKey(single)
				s, known := i.series[key]
				switch {
				case !known && len(i.series) >= maxSeries:
					left.full++
					i.torn[m.Name()] = now
					continue
				case !known:
					s = newSeries()
				}
				switch s.observe(writer, single, now) {
				case shared:
					left.shared++
					i.series[key] = s
				case taken:
					i.series[key] = s
				case unaddable:
					left.malformed++
				case stale:
					left.stale++
				case mixed:
					left.mixed++
				}
			}
		}
	}
	return left
}

// leftOut counts points: those of too many series, here or in the SDK, and those that cannot be added up, by their fate; of
// the shared ones others may be left out.
type leftOut struct{ full, lost, malformed, stale, mixed, shared int }

// expire lets go of processes that have ended. Series of counters stay, however seldom they are counted; only where
// there are as many as may be do those make room that nobody has reported for long.
func (i *installation) expire(now time.Time, timeout time.Duration, maxSeries int) {
	maps.DeleteFunc(i.torn, func(_ string, at time.Time) bool { return now.Sub(at) > retention })
	for key, s := range i.series {
		s.expire(now, timeout)
		if s.empty() {
			delete(i.series, key)
		}
	}
	if len(i.series) < maxSeries {
		return
	}
	for key, s := range i.series {
		if now.Sub(s.updated) > retention {
			i.torn[s.name()] = now
			delete(i.series, key)
		}
	}
}

// contradictions are metrics that come in several kinds, such as a counter in one version of the application and a
// gauge in the next, or in seconds and in milliseconds. Once nobody reports the others any more, the newest is the metric.
func (i *installation) contradictions(now time.Time, timeout time.Duration) (names []string) {
	newest := map[string]*series{}
	for _, s := range i.series {
		if known, is := newest[s.name()]; !is || s.updated.After(known.updated) {
			newest[s.name()] = s
		}
	}
	for key, s := range i.series {
		switch name := s.name(); {
		case s.kind() == newest[name].kind():
		case now.Sub(s.updated) > timeout:
			delete(i.series, key)
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names
}

// gathered is all that is known, as one resource under the installation's id. Metrics of which not all is known are
// left out, and named as such that could not be read: a stat that needs one is incomplete.
func (i *installation) gathered(contradictory []string) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	i.resource.CopyTo(rm.Resource().Attributes())
	rm.Resource().Attributes().PutStr(instanceID, i.id)
	unknown := slices.AppendSeq(contradictory, maps.Keys(i.torn))
	slices.Sort(unknown)
	unknown = slices.Compact(unknown)
	if len(unknown) > 0 {
		names := rm.Resource().Attributes().PutEmptySlice(trust.FailedReadings)
		for _, name := range unknown {
			names.AppendEmpty().SetStr(name)
		}
	}
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName(scope)
	metrics := map[string]pmetric.Metric{}
	for _, key := range slices.Sorted(maps.Keys(i.series)) {
		total := i.series[key].total()
		if slices.Contains(unknown, total.Name()) {
			continue
		}
		kind := metricKey(total)
		m, begun := metrics[kind]
		if !begun {
			m = sm.Metrics().AppendEmpty()
			metrics[kind] = m
			total.CopyTo(m)
			continue
		}
		appendPoint(m, total)
	}
	return md
}
