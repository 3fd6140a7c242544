// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"time"

	"github.com/headcount-otel/headcount/collect/mapping"
)

// usageInterval is how often a report without `stats` leaves. The anonymizer
// truncates times to the day, so a second report would tell nothing new.
const usageInterval = 24 * time.Hour

// Group is a rate group: stats that share one interval, which a configuration calls a pace.
type Group struct {
	Name     string
	Interval time.Duration
}

// Groups gives each stat its rate group; without definitions there is the stat mapping.Usage alone.
func Groups(stats mapping.Definitions) map[string]Group {
	groups := map[string]Group{mapping.Usage: {mapping.Usage, usageInterval}}
	for name, definition := range stats {
		groups[name] = Group{definition.PaceOf(name), definition.Interval}
	}
	return groups
}
