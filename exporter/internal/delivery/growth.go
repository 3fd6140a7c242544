// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// Grow puts in place of a stat's running totals by how much they grew since it was last accepted. What was
// tried already, and may have been accepted, is told again up to the same totals, so that nothing is counted
// twice and nothing is lost. It names the fields whose counters began anew.
func Grow(ctx context.Context, tracker *pacing.Tracker, m *mapping.Mapping, stat *collect.Stat, key pacing.Key) (growth pacing.Growth, fallen []string, err error) {
	totals := m.Totals(stat)
	if totals == nil {
		return growth, nil, nil
	}
	if growth, err = tracker.Growth(ctx, key, stat.Name); err != nil {
		return growth, nil, err
	}
	since := readTotals(growth.Since)
	until := readTotals(growth.Until)
	if until == nil {
		until = mapping.Carry(since, totals)
		text, err := until.AppendJSON(nil)
		if err != nil {
			return growth, nil, nil //nolint:nilerr // a stat that cannot be written says so itself
		}
		growth.Until = string(text)
	}
	return growth, m.SetIncrease(stat, since, until), nil
}

// readTotals reads what was stored; what cannot be read is not known.
func readTotals(text string) collect.Object {
	totals, err := collect.DecodeObject([]byte(text))
	if err != nil {
		return nil
	}
	return totals
}
