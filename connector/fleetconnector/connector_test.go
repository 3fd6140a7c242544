// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"pgregory.net/rapid"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadatatest"
)

func TestLatestReportWins(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics, cfg.Resource = numberRules{"x": {}}, textRules{"v": {}} })
	r.hear("a", "x", 5, "v", "1")
	r.hear("b", "x", 7)
	r.hear("a", "x", 6)
	assert.Equal(t, []string{
		"fleet.installation.count{} 2 {installation}",
		"fleet.v.installation.count{v=1} 1 {installation}",
		"fleet.x.installation.count{} 2 {installation}", "fleet.x.mean{} 6.5 ", "fleet.x.sum{} 13 ",
	}, r.tells(), "a report that does not mention a value leaves it as it was")

	r.hear("a", "x", nil)
	assert.Contains(t, r.tells(), "fleet.x.sum{} 7 ", "no value takes back the one before")
}

func TestWindows(t *testing.T) {
	r := newRig(t, func(cfg *Config) {
		cfg.Window, cfg.Metrics = 48*time.Hour, numberRules{"x": {}, "often": {Window: time.Hour}, "seldom": {Window: 96 * time.Hour}}
	})
	start := r.at
	r.hear("a", "x", 1, "often", 2, "seldom", 3)
	counts := func() (all, x, often, seldom int) {
		for _, line := range r.tells() {
			_, _ = fmt.Sscanf(line, "fleet.installation.count{} %d", &all)
			_, _ = fmt.Sscanf(line, "fleet.x.installation.count{} %d", &x)
			_, _ = fmt.Sscanf(line, "fleet.often.installation.count{} %d", &often)
			_, _ = fmt.Sscanf(line, "fleet.seldom.installation.count{} %d", &seldom)
		}
		return all, x, often, seldom
	}
	for _, at := range []struct {
		after time.Duration
		want  [4]int
		known int
	}{
		{0, [4]int{1, 1, 1, 1}, 1},
		{time.Hour, [4]int{1, 1, 1, 1}, 1},
		{2 * time.Hour, [4]int{1, 1, 0, 1}, 1},
		{48 * time.Hour, [4]int{1, 1, 0, 1}, 1},
		{49 * time.Hour, [4]int{0, 0, 0, 1}, 1},
		{97 * time.Hour, [4]int{0, 0, 0, 0}, 0},
	} {
		r.at = start.Add(at.after)
		all, x, often, seldom := counts()
		assert.Equal(t, at.want, [4]int{all, x, often, seldom}, at.after)
		assert.Len(t, r.c.fleet.places, at.known, at.after)
	}
	r.at = start.Add(-time.Hour) // the clock was set back
	r.hear("b", "x", 1)
	all, _, _, _ := counts()
	assert.Equal(t, 1, all)
}

// The figures are those of the last answers, whatever came before them.
func TestFiguresAreOfTheLastAnswers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} })
		last := map[int]int{}
		for range rapid.IntRange(1, 60).Draw(rt, "reports") {
			who, x := rapid.IntRange(0, 9).Draw(rt, "installation"), rapid.IntRange(-1000, 1000).Draw(rt, "x")
			last[who] = x
			r.hear(fmt.Sprint(who), "x", x)
		}
		sum := 0
		for _, x := range last {
			sum += x
		}
		assert.Equal(rt, []string{
			fmt.Sprintf("fleet.installation.count{} %d {installation}", len(last)),
			fmt.Sprintf("fleet.x.installation.count{} %d {installation}", len(last)),
			fmt.Sprintf("fleet.x.mean{} %.4g ", float64(sum)/float64(len(last))),
			fmt.Sprintf("fleet.x.sum{} %.4g ", float64(sum)),
		}, r.tells())
	})
}

// No id leaves, whatever else is told.
func TestInstallationsAreCountedNotNamed(t *testing.T) {
	const id = "canary-7c1d"
	r := newRig(t, func(cfg *Config) { cfg.Metrics, cfg.Resource = numberRules{"x": {}}, textRules{"v": {}} })
	report := reportOf(id, "x", 5, "v", "5.3", "canary.attribute", "canary-value")
	scope := report.ResourceMetrics().At(0).ScopeMetrics().At(0)
	scope.Scope().SetName("canary-scope")
	scope.Metrics().At(0).SetDescription("canary-description")
	gauge(scope.Metrics(), "canary.metric").SetIntValue(1)
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), report))
	bytes, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(r.told())
	require.NoError(t, err)
	assert.Contains(t, string(bytes), "5.3")
	assert.NotContains(t, string(bytes), "canary")
	assert.NotContains(t, fmt.Sprintf("%+v", r.c.fleet), id, "it is not even kept")
}

func TestNamesTellConnectorsApart(t *testing.T) {
	set := connectortest.NewNopSettings(metadata.Type)
	sink := new(consumertest.MetricsSink)
	r := startRig(t, set, componenttest.NewNopHost(), sink, nil)
	r.sink = sink
	assert.Empty(t, r.told().ResourceMetrics().At(0).Resource().Attributes().AsRaw())
	r.c.set.ID = component.NewIDWithName(metadata.Type, "shop")
	assert.Equal(t, map[string]any{"service.name": "shop"}, r.told().ResourceMetrics().At(0).Resource().Attributes().AsRaw())
}

func TestWhatIsDroppedIsCounted(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	log, said := observer.New(zap.InfoLevel)
	set := metadatatest.NewSettings(telemetry)
	set.Logger = zap.New(log)
	r := startRig(t, set, componenttest.NewNopHost(), consumertest.NewNop(), func(cfg *Config) {
		cfg.MaxInstallations, cfg.Metrics = 2, numberRules{"x": {OneBit: &rule.OneBit{Max: 10}}}
	})
	r.hear("", "x", 1)
	r.hear("a", "x", 2)
	r.hear("b", "x", 1)
	for range 3 {
		r.hear("c", "x", 1)
		r.c.tick(t.Context())
	}
	r.hear("b", "x", 0)
	r.c.tick(t.Context())
	metadatatest.AssertEqualConnectorFleetReportsDropped(t, telemetry, []metricdata.DataPoint[int64]{
		{Value: 1, Attributes: attribute.NewSet(attribute.String("reason", "unidentified"))},
		{Value: 3, Attributes: attribute.NewSet(attribute.String("reason", "full"))},
	}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualConnectorFleetValuesDropped(t, telemetry, []metricdata.DataPoint[int64]{{Value: 1}}, metricdatatest.IgnoreTimestamp())
	require.Equal(t, 2, said.Len(), "when it begins, and when it ends")
	assert.Contains(t, said.All()[0].Message, "max_installations is reached")
	assert.Contains(t, said.All()[1].Message, "No longer")
}

// A refusal downstream is said once, and costs nothing: the next round tells all again.
func TestRefusedFigures(t *testing.T) {
	log, said := observer.New(zap.InfoLevel)
	set := connectortest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(log)
	refusal := errors.New("not now")
	next, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error { return refusal })
	require.NoError(t, err)
	r := startRig(t, set, componenttest.NewNopHost(), next, nil)
	r.c.tick(t.Context())
	r.c.tick(t.Context())
	refusal = nil
	r.c.tick(t.Context())
	assert.Equal(t, 2, said.Len())
}

// Random ids, two hundred thousand here, take the free places, no more, and no installation loses its own.
func TestRandomIDsTakeNobodysPlace(t *testing.T) {
	const places, known = 5000, 1000
	r := newRig(t, func(cfg *Config) {
		cfg.MaxInstallations, cfg.Metrics, cfg.Resource = places, numberRules{"x": {}}, textRules{"v": {Limit: 3}}
	})
	for i := range known {
		r.hear(fmt.Sprint("installation ", i), "x", 1, "v", "5.3")
	}
	random := rand.New(rand.NewPCG(1, 2))
	batch := pmetric.NewMetrics()
	for range 200 {
		for range 1000 {
			reportOf(fmt.Sprintf("%032x", random.Uint64()), "x", 0, "v", fmt.Sprintf("%x", random.Uint64())).ResourceMetrics().MoveAndAppendTo(batch.ResourceMetrics())
		}
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), batch))
		batch.ResourceMetrics().RemoveIf(func(pmetric.ResourceMetrics) bool { return true })
	}
	for i := range known {
		r.hear(fmt.Sprint("installation ", i), "x", 2, "v", "5.3")
	}
	assert.Len(t, r.c.fleet.places, places)
	told := r.tells()
	assert.Contains(t, told, "fleet.x.sum{} 2000 ", "each known installation is still heard")
	assert.Contains(t, told, "fleet.v.installation.count{v=5.3} 1000 {installation}")
	assert.Len(t, told, 8, "three values, and the others together")
}

func TestShutdownWithoutStartAndTwice(t *testing.T) {
	c, err := newFleetConnector(connectortest.NewNopSettings(metadata.Type), createDefaultConfig().(*Config), consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, c.Shutdown(t.Context()))
	require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, c.Shutdown(t.Context()))
	require.NoError(t, c.Shutdown(t.Context()))
}

// The figures come by themselves, and a last time at the end.
func TestIntervalAndLastRound(t *testing.T) {
	told := make(chan struct{}, 100)
	next, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error { told <- struct{}{}; return nil })
	require.NoError(t, err)
	r := startRig(t, connectortest.NewNopSettings(metadata.Type), componenttest.NewNopHost(), next, func(cfg *Config) { cfg.Interval = time.Millisecond })
	<-told
	<-told
	require.NoError(t, r.c.Shutdown(t.Context()))
	for len(told) > 0 {
		<-told
	}
	quiet := startRig(t, connectortest.NewNopSettings(metadata.Type), componenttest.NewNopHost(), next, nil)
	require.NoError(t, quiet.c.Shutdown(t.Context()))
	assert.Len(t, told, 1)
}
