// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestKeptAttributesSayOpen(t *testing.T) {
	conf, err := confmap.NewRetrievedFromYAML([]byte(`{metrics: {a: {round: {to: 5}}}, attributes: {key: {keep: true}}}`))
	require.NoError(t, err)
	m, err := conf.AsConf()
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, m.Unmarshal(cfg))
	require.ErrorContains(t, confmap.Validate(cfg), "attributes::key: keep would let any text out")
}

func TestKeptTextsOfAResourceSayOpen(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	p, s := started(t, configured(t, `{metrics: {a: {keep: true}}, resource: {first.author: {keep: true}, debug: {keep: true}, said: {keep: true, open: true}, service.name: {keep: true}}}`), disk{},
		func(a *anonymizer) { a.notices.Logger = zap.New(core) })
	for range 2 {
		md := gaugeOf("a", 1)
		in := md.ResourceMetrics().At(0).Resource().Attributes()
		in.PutStr("first.author", "ann@example.com")
		in.PutStr("said", strings.Repeat("x", longText+1))
		in.PutStr("service.name", "shop")
		in.PutBool("debug", true)
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
	}
	got := s.last.ResourceMetrics().At(0).Resource().Attributes().AsRaw()
	assert.Equal(t, map[string]any{"debug": true, "said": strings.Repeat("x", longText+1), "service.name": "shop"}, got)
	said := fmt.Sprint(logs.All())
	assert.Equal(t, 2, logs.Len(), said)
	assert.Contains(t, said, "its text is held back")
	assert.NotContains(t, said, "ann@example.com")
}

func TestManyGroupsAreWarnedOfOnce(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	cfg := configured(t, `{metrics: {a: {suppress_below: 1, keep: true}}, attributes: {plan: {keep: true, open: true}}}`)
	p, _ := started(t, cfg, disk{}, func(a *anonymizer) { a.notices.Logger = zap.New(core) })
	of := func(groups int) pmetric.Metrics {
		var all []reading
		for i := range groups {
			all = append(all, reading{fmt.Sprint("author ", i), "ann", 0, 7})
		}
		return sumOf(pmetric.AggregationTemporalityCumulative, all...)
	}
	require.NoError(t, p.ConsumeMetrics(t.Context(), of(manyGroups)))
	assert.Zero(t, logs.Len())
	for range 2 {
		require.NoError(t, p.ConsumeMetrics(t.Context(), of(manyGroups+1)))
	}
	assert.Equal(t, 1, logs.Len())
	assert.Contains(t, logs.All()[0].Message, "more than 50 groups")
}

func TestKeptTextThatIsNoUTF8BecomesNull(t *testing.T) {
	md := sumOf(pmetric.AggregationTemporalityCumulative, reading{"pro\xff", "ann", 0, 7}, reading{"free", "ann", 0, 7})
	md.ResourceMetrics().At(0).Resource().Attributes().PutStr("service.version", "5\xff")
	cfg := configured(t, `{metrics: {a: {keep: true}}, attributes: {plan: {keep: true, open: true}}, resource: {service.version: {keep: true}}}`)
	got := anonymized(t, cfg, md)
	assert.Equal(t, map[string]any{"service.version": nil}, got.ResourceMetrics().At(0).Resource().Attributes().AsRaw())
	plans := map[any]bool{}
	for _, p := range onlyMetric(t, got).Sum().DataPoints().All() {
		plans[p.Attributes().AsRaw()["plan"]] = true
	}
	assert.Equal(t, map[any]bool{nil: true, "free": true}, plans)
}
