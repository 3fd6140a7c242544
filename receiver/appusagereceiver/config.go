// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/headcount-otel/headcount/conf"
)

// instanceID is the resource attribute that names the installation.
const instanceID = "service.instance.id"

// Config says what to read, and where.
type Config struct {
	// ControllerConfig says when to scrape: `collection_interval`, `initial_delay`, and
	// `timeout`, which bounds one scrape together with the pipeline's work.
	scraperhelper.ControllerConfig `mapstructure:",squash"`
	// Storage is the extension that keeps the event cursors and a generated instance id.
	Storage *component.ID `mapstructure:"storage"`
	// Consent is the extension that is asked before each scrape; nil always scrapes.
	Consent *component.ID `mapstructure:"consent"`
	// Leader lets one of several replicas scrape: the name of a database source whose
	// lock they share, or the id of a leader elector extension. Empty: all scrape.
	Leader string `mapstructure:"leader"`
	// Sources are where readings come from, by name.
	Sources conf.Map[Source] `mapstructure:"sources"`
	// DefaultsUnless is an environment variable that is true where the environment is complete, as a command of the
	// application printed it: then no `default` holds, and what is missing is nothing.
	DefaultsUnless string `mapstructure:"defaults_unless"`
	// Resource says what the installation is: readings by the name of a resource attribute.
	Resource conf.Map[Reading] `mapstructure:"resource"`
	// Metrics are the usage counts: readings by the name of a gauge.
	Metrics conf.Map[Metric] `mapstructure:"metrics"`
	// Events are the newest rows since the last scrape, by name.
	Events conf.Map[Event] `mapstructure:"events"`
	// Mismatches tell, by name, that all this was written for another version of the application.
	Mismatches conf.Map[Mismatch] `mapstructure:"mismatches"`
	// AppReport is the application's own note of its last report: the log says when the makers get two.
	AppReport *AppReport `mapstructure:"app_report"`
}

func createDefaultConfig() component.Config {
	controller := scraperhelper.NewDefaultControllerConfig()
	controller.CollectionInterval = 12 * time.Hour
	controller.InitialDelay = 10 * time.Second
	controller.Timeout = time.Minute
	return &Config{ControllerConfig: controller}
}

// Validate finds what spans the sections. Each error names its key and what to write instead.
func (cfg *Config) Validate() error {
	var errs []error
	if cfg.Timeout == 0 {
		errs = append(errs, errors.New("timeout: 0 would let a scrape hold a snapshot open without end: write a duration such as 1m"))
	}
	if len(cfg.Metrics) == 0 && len(cfg.Events) == 0 && len(cfg.Resource) == 0 {
		errs = append(errs, errors.New("nothing is read: write readings under `resource`, `metrics` or `events`"))
	}
	for _, name := range cfg.Resource.Names() {
		reading := cfg.Resource[name]
		errs = append(errs, cfg.validateReading("resource::"+name, &reading))
		if reading.CountPer != nil {
			errs = append(errs, fmt.Errorf("resource::%s: count_per: a histogram is a metric: write this reading under `metrics`", name))
		}
	}
	for _, name := range cfg.Metrics.Names() {
		metric := cfg.Metrics[name]
		errs = append(errs, cfg.validateReading("metrics::"+name, &metric.Reading))
	}
	for _, name := range cfg.Mismatches.Names() {
		mismatch := cfg.Mismatches[name]
		errs = append(errs, cfg.validateReading("mismatches::"+name, &mismatch.Reading))
	}
	if a := cfg.AppReport; a != nil {
		errs = append(errs, cfg.validateReading("app_report", &a.Reading))
	}
	_, err := cfg.complete()
	return errors.Join(append(errs, err, cfg.validateEvents(), cfg.validateLeader(), cfg.validateStorage())...)
}

// validateEvents checks the sources of events, and that no two metrics have one name.
func (cfg *Config) validateEvents() error {
	var errs []error
	made := map[string]string{}
	for _, name := range cfg.Events.Names() {
		errs = append(errs, cfg.validateSource("events::"+name, cfg.Events[name].Source, "newest"))
		for _, metric := range cfg.Events[name].Metrics.Names() {
			path := "events::" + name + "::metrics::" + metric
			if _, twice := cfg.Metrics[metric]; twice {
				errs = append(errs, fmt.Errorf("%s: a metric of this name stands under `metrics` too: give one of them another name", path))
			}
			if other, twice := made[metric]; twice {
				errs = append(errs, fmt.Errorf("%s: event %q has a metric of this name too: give one of them another name", path, other))
			}
			made[metric] = name
		}
	}
	return errors.Join(errs...)
}

// validateReading checks what a reading says against what its source is.
func (cfg *Config) validateReading(path string, r *Reading) error {
	errs := []error{cfg.validateSource(path, r.Source, r.has()...)}
	from := cfg.Sources[r.Source]
	if kind, isOne := from.kind(); isOne {
		if err := kind.validateReading(r); err != nil {
			errs = append(errs, fmt.Errorf("%s::%w", path, err))
		}
	}
	return errors.Join(errs...)
}

// validateSource checks a reference to a source, and that such a source knows readings of these kinds.
// A reading without a source needs none.
func (cfg *Config) validateSource(path, name string, asked ...string) error {
	if name == "" {
		return nil
	}
	from, found := cfg.Sources[name]
	if !found {
		return fmt.Errorf("%s::source: %q is not among `sources`: write one of %q, or add it there", path, name, cfg.Sources.Names())
	}
	var errs []error
	kind, isOne := from.kind()
	for _, reading := range asked {
		if isOne && !slices.Contains(kind.readings(), reading) {
			errs = append(errs, fmt.Errorf("%s: `%s` cannot be asked of sources::%s, which is of the kind %s: write one of `%s`",
				path, reading, name, kind.name(), strings.Join(kind.readings(), "`, `")))
		}
	}
	return errors.Join(errs...)
}

// validateLeader checks what can be known of the leader before extensions run.
func (cfg *Config) validateLeader() error {
	if cfg.Leader == "" {
		return nil
	}
	if from, isSource := cfg.Sources[cfg.Leader]; isSource {
		if from.Database == nil {
			return fmt.Errorf("leader: sources::%s is no database, and has no lock to share: write the name of a database source", cfg.Leader)
		}
		return nil
	}
	var id component.ID
	if id.UnmarshalText([]byte(cfg.Leader)) != nil {
		return fmt.Errorf("leader: %q is neither one of the sources %q nor the id of an extension: write one of those", cfg.Leader, cfg.Sources.Names())
	}
	return nil
}

// validateStorage checks that there is storage for all that has to outlive a restart.
func (cfg *Config) validateStorage() error {
	if cfg.Storage != nil {
		return nil
	}
	if len(cfg.Events) > 0 {
		return errors.New("storage: events need a place for their cursors: write the id of a storage extension, such as `storage: file_storage`")
	}
	id := cfg.Resource[instanceID]
	if alwaysFinds := id.Value != nil || id.System || id.Default != nil && cfg.DefaultsUnless == ""; !alwaysFinds {
		return fmt.Errorf("storage: an instance id may have to be generated and kept: write the id of a storage extension, such as `storage: file_storage`, or a fixed `resource::%s: {value: …}`", instanceID)
	}
	return nil
}
