// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/state"
)

// What was told is remembered too: else a restart would tell all anew, and the
// difference between the two would be the reports in between.

const toldKey = "told"

type toldRecord struct {
	Renewed time.Time `json:"renewed"`
	Metrics []byte    `json:"metrics"`
	Roster  roster    `json:"roster,omitempty"`
}

// loadTold brings renewals, by their aggregates' keys, to where they were.
func loadTold(ctx context.Context, store state.Store, renewals map[string]*renewal) error {
	var records map[string]toldRecord
	if _, err := store.Load(ctx, toldKey, stateVersion, &records); err != nil {
		return err
	}
	for key, record := range records {
		r, configured := renewals[key]
		if !configured {
			continue
		}
		metrics, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(record.Metrics)
		if err != nil {
			continue // it is made anew at the next snapshot
		}
		r.renewed, r.metrics = record.Renewed, metrics
		if record.Roster != nil {
			r.roster = record.Roster
		}
	}
	return nil
}

func saveTold(ctx context.Context, store state.Store, renewals map[string]*renewal) error {
	records := make(map[string]toldRecord, len(renewals))
	for key, r := range renewals {
		metrics, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(r.metrics)
		if err != nil {
			return err
		}
		records[key] = toldRecord{r.renewed, metrics, r.roster}
	}
	return store.Save(ctx, toldKey, stateVersion, records)
}
