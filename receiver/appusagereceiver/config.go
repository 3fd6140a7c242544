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
	// Resource says what the installation is: readings by the name of a resource attribute.
	Resource conf.Map[Reading] `mapstructure:"resource"`
	// Metrics are the usage counts: readings by the name of a gauge.
	Metrics conf.Map[Metric] `mapstructure:"metrics"`
	// Events are the newest rows since the last scrape, by name.
	Events conf.Map[Event] `mapstructure:"events"`
	// AppReport is the application's own note of its last report: the log says when the makers get two.
	AppReport *AppReport `mapstructure:"app_report"`
}

// Metric is a reading that gives a number.
type Metric struct {
	Reading `mapstructure:",squash"`
	// Unit of the metric, in UCUM.
	Unit string `mapstructure:"unit"`
	// By makes one data point for each value of this column, with an attribute of the column's
	// name; it belongs to count and count_distinct.
	By string `mapstructure:"by"`
	// Limit is how many values of By there may be; past it the reading fails. 0 stands for 100.
	Limit int `mapstructure:"limit"`
}

// Event is the newest row of a table since the last scrape.
type Event struct {
	// Source is the name of one of the sources.
	Source string `mapstructure:"source"`
	// Newest says which table's rows are events.
	Newest *Newest `mapstructure:"newest"`
	// Metrics are what a row tells, by the name of a gauge.
	Metrics conf.Map[EventMetric] `mapstructure:"metrics"`
}

// Newest is the row of a table that comes last.
type Newest struct {
	// Table holds one row per event.
	Table string `mapstructure:"table"`
	// By is the column that grows from row to row.
	By string `mapstructure:"by"`
	// Where holds the values that columns of an event must have; null stands for NULL.
	Where map[string]any `mapstructure:"where"`
}

// EventMetric is one number of an event's row.
type EventMetric struct {
	// Column holds the number.
	Column string `mapstructure:"column"`
	// Length is a column whose text is measured, in characters, by the database.
	Length string `mapstructure:"length"`
	// Unit of the metric, in UCUM.
	Unit string `mapstructure:"unit"`
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
		errs = append(errs, cfg.knows("resource::"+name, reading.Source, reading.way()), cfg.suits("resource::"+name, &reading))
	}
	for _, name := range cfg.Metrics.Names() {
		m := cfg.Metrics[name]
		errs = append(errs, cfg.knows("metrics::"+name, m.Source, m.way()), cfg.suits("metrics::"+name, &m.Reading))
	}
	if a := cfg.AppReport; a != nil {
		errs = append(errs, cfg.knows("app_report", a.Source, a.way()), cfg.suits("app_report", &a.Reading))
	}
	made := map[string]string{}
	for _, name := range cfg.Events.Names() {
		errs = append(errs, cfg.knows("events::"+name, cfg.Events[name].Source, []string{"newest"}))
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
	return errors.Join(append(errs, cfg.leads(), cfg.remembers())...)
}

// knows checks a reference to a source, and that such a source can be read in these ways.
// A reading without a source needs none.
func (cfg *Config) knows(path, name string, ways []string) error {
	if name == "" {
		return nil
	}
	from, known := cfg.Sources[name]
	if !known {
		return fmt.Errorf("%s::source: %q is not among `sources`: write one of %q, or add it there", path, name, cfg.Sources.Names())
	}
	var errs []error
	for _, way := range ways {
		if kind := from.kind(); kind != "" && !slices.Contains(waysOf[kind], way) {
			errs = append(errs, fmt.Errorf("%s: `%s` cannot be asked of sources::%s, which is of the kind %s: write one of `%s`",
				path, way, name, kind, strings.Join(waysOf[kind], "`, `")))
		}
	}
	return errors.Join(errs...)
}

// suits checks what a reading says against what its source is.
func (cfg *Config) suits(path string, r *Reading) error {
	from := cfg.Sources[r.Source]
	kind := from.kind()
	switch {
	case kind == kindMemcached && r.Get != nil && r.Get.Prefix != "":
		return fmt.Errorf("%s::get::prefix: memcached cannot list its keys: write `key`", path)
	case kind == kindDatabase && r.Django != nil && r.Django.Table == "":
		return fmt.Errorf("%s::django::table: a cache in the database has a table: write the LOCATION of the application's settings", path)
	case kind != kindDatabase && kind != "" && r.Django != nil && r.Django.Table != "":
		return fmt.Errorf("%s::django::table: only a cache in a database has a table, and sources::%s is of the kind %s: leave it out", path, r.Source, kind)
	}
	return nil
}

// leads checks what can be known of the leader before extensions run.
func (cfg *Config) leads() error {
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

// remembers checks that there is storage for all that has to outlive a restart.
func (cfg *Config) remembers() error {
	if cfg.Storage != nil {
		return nil
	}
	if len(cfg.Events) > 0 {
		return errors.New("storage: events need a place for their cursors: write the id of a storage extension, such as `storage: file_storage`")
	}
	if id, configured := cfg.Resource[instanceID]; !configured || !id.certain() {
		return fmt.Errorf("storage: an instance id may have to be generated and kept: write the id of a storage extension, such as `storage: file_storage`, or a fixed `resource::%s: {value: …}`", instanceID)
	}
	return nil
}

// Validate checks names, and that every metric says what it reads.
func (e *Event) Validate() error {
	var errs []error
	if e.Source == "" {
		errs = append(errs, errors.New("source: an event comes from a source: write its name"))
	}
	if e.Newest == nil {
		errs = append(errs, errors.New("newest: an event needs its rows: write `newest: {table: …, by: id}`"))
	}
	if len(e.Metrics) == 0 {
		errs = append(errs, errors.New("metrics: an event without metrics tells nothing: write `metrics: {name: {column: …}}`"))
	}
	return errors.Join(errs...)
}

// Validate checks the names of tables and columns.
func (n *Newest) Validate() error {
	return errors.Join(checkTable(n.Table), checkColumn("by", n.By), checkWhere(n.Where))
}

// Validate checks that there is one thing to read.
func (m *EventMetric) Validate() error {
	switch {
	case m.Column != "" && m.Length != "":
		return errors.New("`column` and `length` exclude each other: keep one")
	case m.Column != "":
		return checkColumn("column", m.Column)
	case m.Length != "":
		return checkColumn("length", m.Length)
	default:
		return errors.New("nothing is read: write `column: …` or `length: …`")
	}
}
