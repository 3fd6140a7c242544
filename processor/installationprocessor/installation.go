// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

const scope = "github.com/headcount-otel/headcount/processor/installationprocessor"

// installation is what the processes of one installation reported.
type installation struct {
	key    string // under which it is found and stored
	id     string
	series map[string]*series
	// resource is what the process that reported last says of itself.
	resource pcommon.Map
	timer    *time.Timer // not nil while it is being gathered
}

func newInstallation(key, id string) *installation {
	return &installation{key: key, id: newID(id), series: map[string]*series{}, resource: pcommon.NewMap()}
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
				key := seriesKey(single)
				s, known := i.series[key]
				switch {
				case !known && len(i.series) >= maxSeries:
					left.full++
					continue
				case !known:
					s = newSeries()
				}
				switch s.observe(writer, single, now) {
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

// leftOut counts points: those of too many series, and those that cannot be added up, by their fate.
type leftOut struct{ full, malformed, stale, mixed int }

// expire lets go of processes that have ended, and of series that nobody reports any more.
func (i *installation) expire(now time.Time, timeout time.Duration) {
	for key, s := range i.series {
		s.expire(now, timeout)
		if now.Sub(s.updated) > retention || s.empty() {
			delete(i.series, key)
		}
	}
}

// gathered is all that is known, as one resource under the installation's id.
func (i *installation) gathered() pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	i.resource.CopyTo(rm.Resource().Attributes())
	rm.Resource().Attributes().PutStr(instanceID, i.id)
	sm := rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName(scope)
	metrics := map[string]pmetric.Metric{}
	for _, key := range slices.Sorted(maps.Keys(i.series)) {
		total := i.series[key].total()
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
