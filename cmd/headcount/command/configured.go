// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/internal/changes"
	"github.com/headcount-otel/headcount/internal/layers"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/trust"
)

// configured is what a configuration says of consent and of when reports are due.
type configured struct {
	consent trust.Decision
	// stats by their names; nil where no configuration is known.
	stats mapping.Definitions
}

// readConfigured reads it from the configurations of a start.
func readConfigured(ctx context.Context, settings confmap.ResolverSettings, locations []string) (*configured, error) {
	merged, err := changes.Merged(ctx, settings, locations, (&silencedSignals{settings: settings, locations: locations}).factory())
	if err != nil {
		return nil, err
	}
	c := &configured{stats: mapping.Definitions{}}
	c.consent.Mode, c.consent.Who = trust.AlwaysOn{}.Mode()
	extensions, err := sectionsOf[headcount.Config](merged, "extensions", headcount.NewFactory())
	if err != nil {
		return nil, err
	}
	heard := layers.Headcounts(merged)
	if len(heard) == 0 { // a part of a configuration, without the section that starts them
		heard = slices.Sorted(maps.Keys(extensions))
	}
	var decisions []trust.Decision
	for _, id := range heard {
		if extension := extensions[id]; extension != nil {
			decisions = append(decisions, extension.Configured(os.Getenv))
		}
	}
	if len(decisions) > 0 {
		c.consent = trust.Strictest(decisions[0], decisions[1:]...)
	}
	exporters, err := sectionsOf[collectexporter.Config](merged, "exporters", collectexporter.NewFactory())
	if err != nil {
		return nil, err
	}
	for _, exporter := range exporters {
		maps.Copy(c.stats, exporter.Stats)
	}
	return c, nil
}

// next says when a stat is due: an interval after the endpoint last accepted it, or one of its pace.
func (c *configured) next(name string, entries []ledger.Entry, mode trust.Mode, now time.Time) string {
	stat, known := c.stats[name]
	switch {
	case !known:
		return "no stat of this configuration"
	case mode != trust.On:
		return "never, while the mode is " + mode.String()
	}
	var accepted time.Time
	for _, e := range entries {
		other := c.stats[e.Stat]
		if e.Accepted() && !e.DryRun && (e.Stat == name || stat.Pace != "" && other.Pace == stat.Pace) && e.Time.After(accepted) {
			accepted = e.Time
		}
	}
	due := accepted.Add(stat.Interval)
	if accepted.IsZero() || !due.After(now) {
		return "with the next reading"
	}
	return "from " + due.Local().Format(time.RFC1123Z) + " on"
}
