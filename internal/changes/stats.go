// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes

import (
	"fmt"
	"reflect"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// ofStats compares the reports: their fields, and how often they leave.
func ofStats(before, after *confmap.Conf) (found []Change, err error) {
	err = each(before, after, "exporters", "collect", noStats, func(was, is *collectexporter.Config) {
		for _, name := range union(was.Stats.Names(), is.Stats.Names()) {
			old, there := was.Stats[name]
			stat, stays := is.Stats[name]
			switch {
			case !there:
				found = append(found, Change{"new", name, fmt.Sprintf("a report every %s at most", stat.Interval)})
			case !stays:
				found = append(found, Change{"gone", name, "the report does not leave"})
				continue
			case stat.Interval < old.Interval:
				found = append(found, Change{"more often", name, fmt.Sprintf("every %s at most → every %s at most", old.Interval, stat.Interval)})
			case stat.Interval > old.Interval:
				found = append(found, Change{"less often", name, fmt.Sprintf("every %s at most → every %s at most", old.Interval, stat.Interval)})
			}
			if there && stat.Pace != old.Pace {
				found = append(found, Change{"otherwise", name, fmt.Sprintf("shares its interval by pace %q → %q", old.PaceOf(name), stat.PaceOf(name))})
			}
			for _, key := range union(old.Value.Names(), stat.Value.Names()) {
				from, had := old.Value[key]
				to, has := stat.Value[key]
				switch field := name + "." + key; {
				case !had:
					found = append(found, Change{"new", field, "from " + to.Metric + to.Resource})
				case !has:
					found = append(found, Change{"gone", field, "the field does not leave"})
				case from != to:
					found = append(found, Change{"otherwise", field, "comes from " + to.Metric + to.Resource})
				}
			}
		}
	})
	return found, err
}

// ofReadings compares where the values come from.
func ofReadings(before, after *confmap.Conf) (found []Change, err error) {
	keys, err := keysOf(before, after)
	if err != nil {
		return nil, err
	}
	compare := func(name string, was, is any, there, stays bool) {
		switch {
		case !there:
			found = append(found, Change{"new", keys.named(name), "is read"})
		case !stays:
			found = append(found, Change{"gone", keys.named(name), "is not read"})
		case !reflect.DeepEqual(was, is):
			found = append(found, Change{"otherwise", keys.named(name), "is read in another way"})
		}
	}
	err = each(before, after, "receivers", "appusage", nothing, func(was, is *appusagereceiver.Config) {
		for _, name := range union(was.Metrics.Names(), is.Metrics.Names()) {
			old, there := was.Metrics[name]
			reading, stays := is.Metrics[name]
			compare(name, old, reading, there, stays)
		}
		for _, name := range union(was.Resource.Names(), is.Resource.Names()) {
			old, there := was.Resource[name]
			reading, stays := is.Resource[name]
			compare(name, old, reading, there, stays)
		}
		for _, name := range union(was.Events.Names(), is.Events.Names()) {
			old, there := was.Events[name]
			event, stays := is.Events[name]
			compare(name, old, event, there, stays)
		}
	})
	return found, err
}
