// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadatatest"
)

// tagsOf are those that a sender with these rules sends.
func tagsOf(t *testing.T, rules ...collect.Tag) string {
	_, tags := collect.CutTags(collect.Tagged("c0ffee00c0ffee00c0ffee00c0ffee00", rules))
	require.NotEmpty(t, tags)
	return tags
}

// Answers by other parameters, or exact numbers where random bits are expected, and the
// other way round, are no answers: put together they would make a wrong estimate.
func TestAnswersUnderOtherRulesAreKeptApart(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := connectortest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	own, others := &rule.OneBit{Max: 1000}, &rule.OneBit{Max: 500}
	values := &rule.RandomizedResponse{Values: []string{"free", "pro"}}
	r := startRig(t, set, componenttest.NewNopHost(), new(consumertest.MetricsSink), func(cfg *Config) {
		cfg.Metrics = numberRules{"seats": {OneBit: own}, "orders": {}}
		cfg.Resource = textRules{"plan": {RandomizedResponse: values}}
		cfg.MinInstallations = 1
	})
	hear := func(id, tags string, said ...any) {
		report := reportOf(id, said...)
		mapping.SetTags(report, tags)
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), report))
	}
	count := func() string {
		all := map[int]int{}
		for aggregate := range r.c.aggregates.all {
			for range r.c.fleet.answers(aggregate, r.c.config.Window, secondsOf(r.c.now())) {
				all[aggregate]++
			}
		}
		return fmt.Sprint(all[r.c.aggregates.metric["seats"]], all[r.c.aggregates.metric["orders"]], all[r.c.aggregates.resource["plan"]])
	}
	right := tagsOf(t, mapping.MetricTag("seats", own.Estimand()), mapping.ResourceTag("plan", values.Estimand()))
	hear("a", right, "seats", 1, "orders", 7, "plan", "pro")
	hear("b", "", "seats", 1, "orders", 7, "plan", "pro")
	assert.Equal(t, "2 2 2", count(), "the same rules, and who says nothing of them")

	hear("c", tagsOf(t, mapping.MetricTag("seats", others.Estimand())), "seats", 1, "plan", "pro")
	hear("d", tagsOf(t, mapping.MetricTag("orders", own.Estimand())), "seats", 1, "orders", 1)
	assert.Equal(t, "2 2 2", count())
	metadatatest.AssertEqualConnectorFleetValuesDropped(t, telemetry, []metricdata.DataPoint[int64]{{Value: 4}}, metricdatatest.IgnoreTimestamp())
}
