// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/state"
)

const (
	historyVersion = 1
	// historyDays are as many as charts show.
	historyDays = 730
)

// point is one number that was told: a metric's, with what tells it from others.
type point struct {
	Name  string  `json:"name"`
	Label string  `json:"label,omitempty"`
	Value float64 `json:"value"`
}

// day is what was told last on one day.
type day struct {
	Date   string  `json:"date"`
	Points []point `json:"points"`
}

// history is what was told over time. It holds nothing that was not told.
type history struct {
	store state.Store
	days  []day
}

func (h *history) load(ctx context.Context, store state.Store, now time.Time) error {
	h.store = store
	var keys []string
	for back := historyDays; back >= 0; back-- {
		keys = append(keys, historyKey(now.UTC().AddDate(0, 0, -back).Format(time.DateOnly)))
	}
	var garbled error
	err := state.LoadEach(ctx, store, historyVersion, keys, func(key string, points []point, damage error) {
		garbled = cmp.Or(garbled, damage)
		h.days = append(h.days, day{Date: strings.TrimPrefix(key, historyKey("")), Points: points})
	})
	return cmp.Or(err, garbled)
}

func historyKey(date string) string { return "history/" + date }

// add notes what is told now as what was told today.
func (h *history) add(ctx context.Context, told pmetric.Metrics, now time.Time) error {
	today := day{Date: now.UTC().Format(time.DateOnly), Points: pointsIn(told)}
	var forgotten []string
	if last := len(h.days) - 1; last >= 0 && h.days[last].Date == today.Date {
		h.days[last] = today
	} else {
		h.days = append(h.days, today)
		if len(h.days) > historyDays {
			forgotten = append(forgotten, historyKey(h.days[0].Date))
			h.days = slices.Clone(h.days[1:])
		}
	}
	if err := h.store.Save(ctx, historyKey(today.Date), historyVersion, today.Points); err != nil {
		return err
	}
	return h.store.Delete(ctx, forgotten...)
}

// pointsIn are the numbers of gauges and sums; of a histogram, its buckets by upper end.
func pointsIn(told pmetric.Metrics) (all []point) {
	for m := range metricsIn(told) {
		for _, p := range pointsOf(m).All() {
			value := p.DoubleValue()
			if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
				value = float64(p.IntValue())
			}
			all = append(all, point{m.Name(), labelOf(p.Attributes()), value})
		}
		if m.Type() == pmetric.MetricTypeHistogram {
			all = append(all, bucketsOf(m)...)
		}
	}
	return all
}

func bucketsOf(m pmetric.Metric) (all []point) {
	for _, p := range m.Histogram().DataPoints().All() {
		for at, count := range p.BucketCounts().All() {
			label := "all"
			switch bounds := p.ExplicitBounds(); {
			case at < bounds.Len():
				label = "up to " + pcommon.NewValueDouble(bounds.At(at)).AsString()
			case at > 0:
				label = "more than " + pcommon.NewValueDouble(bounds.At(at-1)).AsString()
			}
			all = append(all, point{m.Name(), label, float64(count)})
		}
	}
	return all
}

func labelOf(attributes pcommon.Map) string {
	var values []string
	for _, value := range attributes.All() {
		values = append(values, value.AsString())
	}
	return strings.Join(values, ", ")
}
