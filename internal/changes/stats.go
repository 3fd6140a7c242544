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
	err = each(before, after, "exporters", "collect", noStats, func(key string, was, is *collectexporter.Config) {
		for _, name := range union(was.Stats.Names(), is.Stats.Names()) {
			at := key + "::stats::" + name
			old, there := was.Stats[name]
			stat, stays := is.Stats[name]
			switch {
			case !there:
				found = append(found, Change{"new", name, fmt.Sprintf("a report every %s at most", stat.Interval), at})
			case !stays:
				found = append(found, Change{"gone", name, "the report does not leave", at})
				continue
			case stat.Interval < old.Interval:
				found = append(found, Change{moreOften, name, fmt.Sprintf("every %s at most → every %s at most", old.Interval, stat.Interval), at + "::interval"})
			case stat.Interval > old.Interval:
				found = append(found, Change{"less often", name, fmt.Sprintf("every %s at most → every %s at most", old.Interval, stat.Interval), at + "::interval"})
			}
			if there && stat.Pace != old.Pace {
				found = append(found, Change{"otherwise", name, fmt.Sprintf("shares its interval by pace %q → %q", old.PaceOf(name), stat.PaceOf(name)), at + "::pace"})
			}
			for _, field := range union(old.Value.Names(), stat.Value.Names()) {
				from, had := old.Value[field]
				to, has := stat.Value[field]
				at := at + "::value::" + field
				switch field := name + "." + field; {
				case !had:
					found = append(found, Change{"new", field, "from " + to.Metric + to.Resource, at})
				case !has:
					found = append(found, Change{"gone", field, "the field does not leave", at})
				case from != to:
					found = append(found, Change{"otherwise", field, "comes from " + to.Metric + to.Resource, at})
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
	compare := func(at, name string, was, is any, there, stays bool) {
		switch {
		case !there:
			found = append(found, Change{"new", keys.named(name), "is read", at + name})
		case !stays:
			found = append(found, Change{"gone", keys.named(name), "is not read", at + name})
		case !reflect.DeepEqual(was, is):
			found = append(found, Change{"otherwise", keys.named(name), "is read in another way", at + name})
		}
	}
	err = each(before, after, "receivers", "appusage", nothing, func(key string, was, is *appusagereceiver.Config) {
		for _, name := range union(was.Metrics.Names(), is.Metrics.Names()) {
			old, there := was.Metrics[name]
			reading, stays := is.Metrics[name]
			compare(key+"::metrics::", name, old, reading, there, stays)
		}
		for _, name := range union(was.Resource.Names(), is.Resource.Names()) {
			old, there := was.Resource[name]
			reading, stays := is.Resource[name]
			compare(key+"::resource::", name, old, reading, there, stays)
		}
		for _, name := range union(was.Events.Names(), is.Events.Names()) {
			old, there := was.Events[name]
			event, stays := is.Events[name]
			compare(key+"::events::", name, old, event, there, stays)
		}
	})
	return found, err
}
