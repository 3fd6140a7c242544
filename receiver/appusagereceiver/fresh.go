// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import "go.uber.org/zap"

// freshEvents are the numbers of the events that have a new row, by metric, and the cursors that
// wait for the pipeline to accept them.
func (r *reader) freshEvents(s *scrape, cursors map[string]cursor) (fresh map[string]result, pending map[string]cursor) {
	fresh, pending = map[string]result{}, map[string]cursor{}
	for _, name := range r.cfg.Events.Names() {
		row := s.rows[name]
		if row == nil {
			continue
		}
		event := r.cfg.Events[name]
		next, isNew, note := cursors[name].advance(event.fingerprint(), row.By)
		if note != "" {
			r.logger.Info("events::"+name, zap.String("cursor", note))
			pending[name] = next
		}
		if !isNew {
			continue
		}
		pending[name] = next
		for _, metric := range event.Metrics.Names() {
			m := event.Metrics[metric]
			field, isColumn := row.Columns[m.Column]
			if !isColumn {
				field = row.Lengths[m.Length]
			}
			fresh[metric] = r.number("events::"+name+"::metrics::"+metric, field.Value, field.Err)
		}
	}
	return fresh, pending
}
