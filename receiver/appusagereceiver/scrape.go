// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"

// scrape is what was read in one go.
type scrape struct {
	resource map[string]result
	metrics  map[string]result
	// rows are the events' newest rows, where reading them succeeded; nil where there is none.
	rows map[string]*sqldb.Row
	// appReport is when the application last reported by itself.
	appReport result
}

func newScrape() *scrape {
	return &scrape{resource: map[string]result{}, metrics: map[string]result{}, rows: map[string]*sqldb.Row{}}
}

// isEmpty reports that whatever had to be read from a source failed, and that there was something.
func (s *scrape) isEmpty(cfg *Config) bool {
	failures := 0
	read := func(from string, failed bool) (succeeded bool) {
		if from != "" && failed {
			failures++
		}
		return from != "" && !failed
	}
	for name, reading := range cfg.Resource {
		if !reading.System && read(reading.Source, s.resource[name].failed) {
			return false
		}
	}
	for name, reading := range cfg.Metrics {
		if read(reading.Source, s.metrics[name].failed) {
			return false
		}
	}
	for name, event := range cfg.Events {
		if _, succeeded := s.rows[name]; read(event.Source, !succeeded) {
			return false
		}
	}
	return failures > 0
}

// outcomes counts the readings, and the events of these names, by what became of them.
func (s *scrape) outcomes(events []string) map[string]int64 {
	outcomes := map[string]int64{}
	for _, results := range [...]map[string]result{s.resource, s.metrics} {
		for _, r := range results {
			outcomes[r.outcome()]++
		}
	}
	for _, name := range events {
		row, succeeded := s.rows[name]
		event := result{failed: !succeeded}
		if row != nil {
			event.value = row.By
		}
		outcomes[event.outcome()]++
	}
	return outcomes
}
