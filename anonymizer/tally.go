// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
)

// kind is what was dropped.
type kind uint8

const (
	aResourceAttribute kind = iota
	aMetric
	anAttribute
	aPoint
	aValue // of a point that left without it
	kinds
)

var kindNames = [kinds]string{"resource_attribute", "metric", "attribute", "point", "value"}

// reason is why something was dropped.
type reason uint8

const (
	passes reason = iota
	byRule
	collision
	malformed
	mixedTypes
	noDate
	noVersion
	notFinite
	notListed
	notScalar
	outOfRange
	superseded
	suppressed
	unfit
	unnamed
	reasons
)

var reasonNames = [reasons]string{
	"", "by_rule", "collision", "malformed", "mixed_types", "no_date", "no_version", "not_finite", "not_listed",
	"not_scalar", "out_of_range", "superseded", "suppressed", "unfit", "unnamed",
}

// tally counts what became of one batch.
type tally struct {
	seen, passed, merged int64
	dropped              [kinds][reasons]int64
}

func (t *tally) drop(k kind, r reason) { t.dropped[k][r]++ }

// counters hands tallies to the component's own metrics.
type counters struct {
	builder *metadata.TelemetryBuilder
	labels  [kinds][reasons]metric.MeasurementOption
}

func newCounters(builder *metadata.TelemetryBuilder) *counters {
	c := &counters{builder: builder}
	for k, kindName := range kindNames {
		for r, reasonName := range reasonNames {
			c.labels[k][r] = metric.WithAttributeSet(attribute.NewSet(
				attribute.String("kind", kindName), attribute.String("reason", reasonName),
			))
		}
	}
	return c
}

func (c *counters) add(ctx context.Context, t *tally) {
	c.builder.ProcessorAnonymizerPointsSeen.Add(ctx, t.seen)
	c.builder.ProcessorAnonymizerPointsPassed.Add(ctx, t.passed)
	c.builder.ProcessorAnonymizerPointsMerged.Add(ctx, t.merged)
	for k := range t.dropped {
		for r, n := range t.dropped[k] {
			if n > 0 {
				c.builder.ProcessorAnonymizerDropped.Add(ctx, n, c.labels[k][r])
			}
		}
	}
}
