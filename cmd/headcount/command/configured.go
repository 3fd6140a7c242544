// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/internal/changes"
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
	merged, err := changes.Merged(ctx, settings, locations)
	if err != nil {
		return nil, err
	}
	c := &configured{stats: mapping.Definitions{}}
	extension := headcount.NewFactory()
	own := extension.CreateDefaultConfig().(*headcount.Config)
	if err := decode(merged, "extensions", extension.Type().String(), own); err != nil {
		return nil, err
	}
	c.consent = own.Configured(os.Getenv)
	exporter := collectexporter.NewFactory()
	exporters, err := merged.Sub("exporters")
	if err != nil {
		return nil, err
	}
	for id := range exporters.ToStringMap() {
		if kind, _, _ := strings.Cut(id, "/"); kind != exporter.Type().String() {
			continue
		}
		cfg := exporter.CreateDefaultConfig().(*collectexporter.Config)
		if err := decode(merged, "exporters", id, cfg); err != nil {
			return nil, err
		}
		maps.Copy(c.stats, cfg.Stats)
	}
	return c, nil
}

func decode(merged *confmap.Conf, section, id string, into component.Config) error {
	under, err := merged.Sub(section + confmap.KeyDelimiter + id)
	if err == nil {
		err = under.Unmarshal(into)
	}
	if err != nil {
		return fmt.Errorf("%s::%s: %w", section, id, err)
	}
	return nil
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
