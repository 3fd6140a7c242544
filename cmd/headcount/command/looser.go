// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/internal/changes"
	"github.com/headcount-otel/headcount/internal/layers"
)

// looser warns of what the site's own files make leave finer, exact or more often than the profile and the
// overlays do: it may be meant, and must not come unseen. What cannot be merged, the Collector is about to say.
func looser(ctx context.Context, settings confmap.ResolverSettings, all []layers.Layer) (warnings []string) {
	below := profileOf(all)
	without, sites := all[:below:below], []layers.Layer(nil)
	for _, layer := range all[below:] {
		switch {
		case layer.Embedded:
			without = append(without, layer)
		case touchesWhatLeaves(layer):
			sites = append(sites, layer)
		}
	}
	if !all[below-1].Profile || len(sites) == 0 {
		return nil
	}
	before, err := changes.Merged(ctx, settings, locations(without))
	if err != nil {
		return nil
	}
	after, err := changes.Merged(ctx, settings, locations(all))
	if err != nil {
		return nil
	}
	found, err := changes.Between(before, after)
	if err != nil {
		return nil
	}
	for _, change := range found {
		if at := layers.At(sites, change.Key); at != "" && change.IsLooser() {
			warnings = append(warnings, fmt.Sprintf("%s: beside %s, %s leaves %s: %s; if that is not meant, correct the line or remove it",
				at, all[below-1].Name, change.What, change.Kind, change.How))
		}
	}
	return warnings
}

// touchesWhatLeaves reports whether a file says anything of rules or reports: to merge all files twice takes a third of a
// start, and most of a site's files say where a database is.
func touchesWhatLeaves(layer layers.Layer) bool {
	for entry := range layer.Entries() {
		if entry.Path[0] == "processors" || entry.Path[0] == "exporters" {
			return true
		}
	}
	return false
}
