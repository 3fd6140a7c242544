// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// client reaches one of the sources, and session answers its readings during one scrape.
type (
	client  = source.Client[*Metric]
	session = source.Session[*Metric]
)

// keysOf are the keys of a source's readings, in the order in which a Reading has them.
func keysOf[F any](readings map[string]F) []string {
	return slices.SortedFunc(maps.Keys(readings), func(a, b string) int {
		return slices.Index(kinds, a) - slices.Index(kinds, b)
	})
}
