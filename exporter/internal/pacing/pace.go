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

// Pace is what a stat shares its interval by.
type Pace struct {
	Name     string
	Interval time.Duration
}

// Paces gives each stat its pace; without definitions there is the stat mapping.Usage alone.
func Paces(stats mapping.Definitions) map[string]Pace {
	paces := map[string]Pace{mapping.Usage: {mapping.Usage, usageInterval}}
	for name, definition := range stats {
		paces[name] = Pace{definition.PaceOf(name), definition.Interval}
	}
	return paces
}
