// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
	"github.com/headcount-otel/headcount/anonymizer/rule"
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

// What became of something that no rule was run on; rule.Outcome has the others.
const (
	byRule = rule.Outcomes + iota
	collision
	malformed
	mixedTypes
	notFinite
	superseded
	unnamed
	outcomes
)

var outcomeNames = slices.Concat(rule.OutcomeNames[:], []string{
	"by_rule", "collision", "malformed", "mixed_types", "not_finite", "superseded", "unnamed",
})

// stats counts what became of one batch.
type stats struct {
	seen, passed, merged int64
	dropped              [kinds][outcomes]int64
}

func (t *stats) drop(k kind, r rule.Outcome) { t.dropped[k][r]++ }

// instruments hand stats to the component's own metrics.
type instruments struct {
	builder *metadata.TelemetryBuilder
	labels  [kinds][outcomes]metric.MeasurementOption
}

func newInstruments(builder *metadata.TelemetryBuilder) *instruments {
	c := &instruments{builder: builder}
	for k, kindName := range kindNames {
		for r, outcomeName := range outcomeNames {
			c.labels[k][r] = metric.WithAttributeSet(attribute.NewSet(
				attribute.String("kind", kindName), attribute.String("reason", outcomeName),
			))
		}
	}
	return c
}

func (c *instruments) add(ctx context.Context, t *stats) {
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
