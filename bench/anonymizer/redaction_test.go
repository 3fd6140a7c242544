// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer_test

import (
	"context"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"

	"github.com/headcount-otel/headcount/anonymizer"
)

// The redaction processor knows attributes alone: which may stay. The anonymizer is asked for the same
// and does the rest of what it always does: numbers are kept, times are cut.
const (
	redactionRules = `{allow_all_keys: false, allowed_keys: [service.name, plan], summary: silent}`
	keepRules      = `
metrics:
  shop.orders.0: {keep: true}
  shop.orders.1: {keep: true}
  shop.orders.2: {keep: true}
  shop.orders.3: {keep: true}
  shop.orders.4: {keep: true}
  shop.orders.5: {keep: true}
  shop.orders.6: {keep: true}
  shop.orders.7: {keep: true}
  shop.orders.8: {keep: true}
  shop.orders.9: {keep: true}
attributes: {plan: {keep: true, open: true}}
resource: {service.name: {keep: true}}
`
)

func BenchmarkRedaction(b *testing.B) {
	compare(b,
		contender("anonymizer", started(b, anonymizer.NewFactory(), keepRules).ConsumeMetrics),
		contender("redaction", started(b, redactionprocessor.NewFactory(), redactionRules).ConsumeMetrics),
	)
}

func TestBothLeaveTheSameAttributes(t *testing.T) {
	attributes := func(factory processor.Factory, rules string) (all []map[string]any) {
		sink := new(consumertest.MetricsSink)
		p := build(t, factory, rules, sink)
		require.NoError(t, p.Start(context.Background(), newStorage()))
		require.NoError(t, p.ConsumeMetrics(context.Background(), batch(1000)))
		require.NoError(t, p.Shutdown(context.Background()))
		for _, rm := range sink.AllMetrics()[0].ResourceMetrics().All() {
			all = append(all, rm.Resource().Attributes().AsRaw())
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				require.Equal(t, pmetric.MetricTypeSum, m.Type())
				for _, p := range m.Sum().DataPoints().All() {
					all = append(all, p.Attributes().AsRaw())
				}
			}
		}
		return all
	}
	ours := attributes(anonymizer.NewFactory(), keepRules)
	require.Len(t, ours, 1010)
	require.Equal(t, attributes(redactionprocessor.NewFactory(), redactionRules), ours)
}
