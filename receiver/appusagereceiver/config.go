// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/headcount-otel/headcount/overlay"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sqldb"
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
	Sources overlay.Map[Source] `mapstructure:"sources"`
	// Resource says what the installation is: readings by the name of a resource attribute.
	Resource overlay.Map[Reading] `mapstructure:"resource"`
	// Metrics are the usage counts: readings by the name of a gauge.
	Metrics overlay.Map[Metric] `mapstructure:"metrics"`
	// Events are the newest rows since the last scrape, by name.
	Events overlay.Map[Event] `mapstructure:"events"`
}

// Source is where readings come from.
type Source struct {
	// Database is a SQL database.
	Database *Database `mapstructure:"database"`
}

// Database is reached by a URL: postgres://, postgresql://, mysql:// or sqlite:///path.
type Database struct {
	// URL of the database.
	URL configopaque.String `mapstructure:"url"`
	// URLEnv names the environment variable that holds the URL. It is taken as it
	// stands, where ${env:…} would expand dollar signs in a password.
	URLEnv string `mapstructure:"url_env"`
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
	Metrics overlay.Map[EventMetric] `mapstructure:"metrics"`
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
		errs = append(errs, cfg.knows("resource::"+name, cfg.Resource[name].Source))
	}
	for _, name := range cfg.Metrics.Names() {
		errs = append(errs, cfg.knows("metrics::"+name, cfg.Metrics[name].Source))
	}
	made := map[string]string{}
	for _, name := range cfg.Events.Names() {
		errs = append(errs, cfg.knows("events::"+name, cfg.Events[name].Source))
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

// knows checks a reference to a source; a reading without one needs none.
func (cfg *Config) knows(path, source string) error {
	if source == "" {
		return nil
	}
	if _, known := cfg.Sources[source]; !known {
		return fmt.Errorf("%s::source: %q is not among `sources`: write one of %q, or add it there", path, source, cfg.Sources.Names())
	}
	return nil
}

// leads checks what can be known of the leader before extensions run.
func (cfg *Config) leads() error {
	if _, isSource := cfg.Sources[cfg.Leader]; isSource || cfg.Leader == "" {
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

// Validate checks that the source is one of the known kinds.
func (s *Source) Validate() error {
	if s.Database == nil {
		return errors.New("a source has no kind: write `database: {url_env: DATABASE_URL}`")
	}
	return nil
}

// Validate checks the URL, if it stands here.
func (d *Database) Validate() error {
	switch {
	case d.URL != "" && d.URLEnv != "":
		return errors.New("`url` and `url_env` exclude each other: keep one")
	case d.URLEnv != "":
		return nil
	case d.URL == "":
		return errors.New("the database has no URL: write `url_env: DATABASE_URL`, or `url: sqlite:///app.sqlite3`")
	}
	if _, err := sqldb.Parse(string(d.URL)); err != nil {
		return fmt.Errorf("url: %w", err)
	}
	return nil
}

// resolve finds the database, from the environment if it says so.
func (d *Database) resolve() (sqldb.Database, error) {
	if d.URLEnv == "" {
		return sqldb.Parse(string(d.URL))
	}
	text := os.Getenv(d.URLEnv)
	if text == "" {
		return sqldb.Database{}, fmt.Errorf("url_env: the environment variable %s is not set: set it, for example to sqlite:////srv/app/app.sqlite3", d.URLEnv)
	}
	database, err := sqldb.Parse(text)
	if err != nil {
		return sqldb.Database{}, fmt.Errorf("url_env: %s: %w", d.URLEnv, err)
	}
	return database, nil
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
