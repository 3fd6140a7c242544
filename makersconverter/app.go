// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package makersconverter

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/conf"
)

// app is what a profile says of an application's reports.
type app struct {
	stats section
	// metrics, resource and attributes are the anonymizer's rules.
	metrics, resource, attributes section
	// readings are those of the metrics, for their units.
	readings section
	// identity are the readings of what the installation is.
	identity section
}

func appOf(all section) (app, error) {
	found := app{stats: section{}, metrics: section{}, resource: section{}, attributes: section{}, readings: section{}, identity: section{}}
	for _, exporter := range typed(under(all, "exporters"), "collect") {
		maps.Copy(found.stats, under(exporter, "stats"))
	}
	if len(found.stats) == 0 {
		return found, errNoProfile
	}
	for _, rules := range typed(under(all, "processors"), "anonymizer") {
		maps.Copy(found.metrics, under(rules, "metrics"))
		maps.Copy(found.resource, under(rules, "resource"))
		maps.Copy(found.attributes, under(rules, "attributes"))
	}
	for _, receiver := range typed(under(all, "receivers"), "appusage") {
		maps.Copy(found.readings, under(receiver, "metrics"))
		maps.Copy(found.identity, under(receiver, "resource"))
		for _, event := range under(receiver, "events") {
			if part, ok := event.(section); ok {
				maps.Copy(found.readings, under(part, "metrics"))
			}
		}
	}
	return found, nil
}

// describe writes the fleet's entries: one for each metric and attribute of a stat. What
// the makers wrote over it by hand stays.
func (a app) describe(fleet section) {
	longest := time.Duration(0)
	for _, name := range slices.Sorted(maps.Keys(a.stats)) {
		stat, _ := a.stats[name].(section)
		window := 2 * intervalOf(stat)
		longest = max(longest, window)
		for _, key := range slices.Sorted(maps.Keys(under(stat, "value"))) {
			origin, _ := under(stat, "value")[key].(section)
			if metric, ok := origin["metric"].(string); ok {
				over(under(under(fleet, "metrics"), metric), a.number(metric, origin, window))
			}
			if attribute, ok := origin["resource"].(string); ok && attribute != "service.instance.id" {
				over(under(under(fleet, "resource"), attribute), a.text(attribute, origin, window))
			}
		}
	}
	if _, written := fleet["window"]; !written && longest > 0 {
		fleet["window"] = longest.String()
	}
	if page, wanted := fleet["page"].(section); wanted {
		a.introduce(page)
	}
}

// introduce writes what the page says at its top: whose it is, and what is asked and why.
func (a app) introduce(page section) {
	made := section{}
	if name, ok := asSection(a.identity["service.name"])["value"].(string); ok {
		made["title"] = "How " + name + " is used"
	}
	var why []string
	for _, name := range slices.Sorted(maps.Keys(a.stats)) {
		if text, ok := asSection(a.stats[name])["description"].(string); ok {
			why = append(why, text)
		}
	}
	if len(why) > 0 {
		made["introduction"] = strings.Join(why, " ")
	}
	over(page, made)
}

// over adds what is not written yet. Of a value that several stats have, the longest window counts.
func over(entry, made section) {
	for key, value := range made {
		if before, written := entry[key]; !written {
			entry[key] = value
		} else if key == "window" && durationOf(value) > durationOf(before) {
			entry[key] = value
		}
	}
}

func (a app) number(metric string, origin section, window time.Duration) section {
	rule, reading := ruleFor(a.metrics, metric), asSection(a.readings[metric])
	entry := section{}
	if window > 0 {
		entry["window"] = window.String()
	}
	for _, from := range []section{reading, rule} { // which may set another unit
		if unit, ok := from["unit"].(string); ok {
			entry["unit"] = unit
		}
	}
	describe(entry, origin)
	by, grouped := origin["by"].(string)
	bucket, bucketed := rule["bucket"]
	if grouped {
		entry["by"] = by
		if limit, listed := a.groups(by); listed {
			entry["limit"] = limit
		}
	}
	switch {
	case rule["one_bit"] != nil:
		entry["one_bit"] = rule["one_bit"]
	case rule["randomized_response"] != nil:
		entry["randomized_response"] = rule["randomized_response"]
	case reading["count_per"] != nil && !grouped:
		entry["histogram"] = true
	default:
		if bucketed && !grouped {
			entry["bounds"] = boundsOf(bucket)
		}
		if clamp := reachOf(rule); len(clamp) > 0 {
			entry["clamp"] = clamp
		}
	}
	return entry
}

// boundsOf are those of a bucket rule, or those that it has by itself.
func boundsOf(bucket any) []any {
	if bounds, ok := asSection(bucket)["bounds"].([]any); ok {
		return bounds
	}
	bounds := make([]any, len(mechanism.DefaultBounds))
	for at, bound := range mechanism.DefaultBounds {
		bounds[at] = bound
	}
	return bounds
}

// most is how many groups a fleet connector tells at most.
const most = 1000

// groups is how many groups are told by these attributes, where the rules list the values of each.
func (a app) groups(by string) (limit int, listed bool) {
	limit = 1
	for name := range strings.SplitSeq(by, ",") {
		allowed, listed := ruleFor(a.attributes, strings.TrimSpace(name))["allow"].([]any)
		if !listed {
			return 0, false
		}
		limit *= len(allowed) + 1
	}
	return min(limit, most), true
}

// describe says what an entry is in the profile's own words.
func describe(entry, origin section) {
	if text, ok := origin["description"].(string); ok {
		entry["description"] = text
	}
}

func (a app) text(attribute string, origin section, window time.Duration) section {
	rule, entry := ruleFor(a.resource, attribute), section{}
	if window > 0 {
		entry["window"] = window.String()
	}
	describe(entry, origin)
	if response, random := rule["randomized_response"]; random {
		if response == nil {
			response = section{}
		}
		entry["randomized_response"] = response
	} else if allowed, ok := rule["allow"].([]any); ok {
		entry["limit"] = len(allowed) + 1
	}
	return entry
}

// ruleFor is the rule of a name: its own, or that of the pattern with the most literal characters.
func ruleFor(rules section, name string) section {
	if rule, ok := rules[name].(section); ok {
		return rule
	}
	best, literals := "", -1
	for pattern := range rules {
		if size := len(pattern) - strings.Count(pattern, "*"); size > literals && anonymizer.Matches(pattern, name) {
			best, literals = pattern, size
		}
	}
	return asSection(rules[best])
}

func asSection(value any) section {
	part, _ := value.(section)
	return part
}

func intervalOf(stat section) time.Duration { return durationOf(stat["interval"]) }

func durationOf(value any) time.Duration {
	text, _ := value.(string)
	var duration conf.Duration
	_ = duration.UnmarshalText([]byte(text)) // what is none, the exporter's own side refuses
	return time.Duration(duration)
}
