// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// Every rule that draws, with nothing drawn afresh.
const stickyRules = `
storage: s
metrics:
  noise:    {noise: {sensitivity: 1, epsilon: 0.1}}
  chain:    {clamp: {min: 0, max: 5000}, noise: {scale: 5}, suppress_below: 6, round: {to: 5}}
  round:    {round: {to: 100, mode: sticky}}
  one_bit:  {one_bit: {max: 1000, step: 100, flip: 0}}
  bucket:   {bucket: {}}
  hist:     {noise: {scale: 3}}
attributes:
  plan: {keep: true, open: true}
  tier: {keep: true, open: true}
resource:
  service.instance.id: {pseudonym: {every: never}}
  service.name: {keep: true}
`

// stickyBatch is a resource for each of some installations, with groups, gauges and a histogram.
func stickyBatch(ids ...string) pmetric.Metrics {
	md := pmetric.NewMetrics()
	for _, id := range ids {
		rm := md.ResourceMetrics().AppendEmpty()
		rm.Resource().Attributes().PutStr("service.name", "app")
		rm.Resource().Attributes().PutStr("service.instance.id", id)
		for i, name := range []string{"noise", "chain", "round", "one_bit", "bucket"} {
			all := addGauge(rm, name, 7, 149+i, 350, 2002)
			for j, p := range all.All() {
				p.Attributes().PutStr("plan", []string{"free", "pro"}[j%2])
				p.Attributes().PutStr("tier", []string{"a", "b"}[j/2])
			}
		}
		h := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		h.SetName("hist")
		h.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		p := h.Histogram().DataPoints().AppendEmpty()
		p.SetTimestamp(noon)
		p.ExplicitBounds().FromRaw([]float64{1, 2})
		p.BucketCounts().FromRaw([]uint64{40, 50, 60})
	}
	return md
}

// answers are what leaves, one line a point, whatever the order.
func answers(md pmetric.Metrics) (lines []string) {
	for _, rm := range md.ResourceMetrics().All() {
		id, _ := rm.Resource().Attributes().Get("service.instance.id")
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			if m.Type() == pmetric.MetricTypeHistogram {
				lines = append(lines, fmt.Sprint(id.Str(), m.Name(), m.Histogram().DataPoints().At(0).BucketCounts().AsRaw()))
				continue
			}
			for _, p := range m.Gauge().DataPoints().All() {
				lines = append(lines, fmt.Sprint(id.Str(), m.Name(), p.Attributes().AsRaw(), p.IntValue(), p.Flags()))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func shuffle(md pmetric.Metrics, random *rand.Rand) {
	md.ResourceMetrics().Sort(func(_, _ pmetric.ResourceMetrics) bool { return random.IntN(2) == 0 })
	for _, rm := range md.ResourceMetrics().All() {
		rm.ScopeMetrics().Sort(func(_, _ pmetric.ScopeMetrics) bool { return random.IntN(2) == 0 })
		attributes := rm.Resource().Attributes()
		id, _ := attributes.Get("service.instance.id")
		text := id.Str()
		attributes.Remove("service.instance.id")
		attributes.PutStr("service.instance.id", text)
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if m.Type() != pmetric.MetricTypeGauge {
					continue
				}
				m.Gauge().DataPoints().Sort(func(_, _ pmetric.NumberDataPoint) bool { return random.IntN(2) == 0 })
				for _, p := range m.Gauge().DataPoints().All() {
					if plan, _ := p.Attributes().Get("plan"); random.IntN(2) == 0 {
						text := plan.Str()
						p.Attributes().Remove("plan")
						p.Attributes().PutStr("plan", text)
					}
				}
			}
		}
	}
}

func TestClaim7RestartsChangeNoAnswer(t *testing.T) {
	cfg, d := configured(t, stickyRules), disk{}
	var want []string
	for restart := range prove.Times(5, 100) {
		_, p, s := made(t, cfg)
		require.NoError(t, p.Start(t.Context(), d))
		for range 3 {
			require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1", "id 2")))
			if got := answers(s.last); restart == 0 && want == nil {
				want = got
			} else {
				require.Equal(t, want, got)
			}
		}
		require.NoError(t, p.Shutdown(t.Context()))
	}
	prove.Claim(t, 7, "restarts", "%d answers the same over %d restarts", len(want), prove.Times(5, 100))
}

func TestOrderAndConcurrencyChangeNoAnswer(t *testing.T) {
	p, s := started(t, configured(t, stickyRules), disk{})
	require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1", "id 2", "id 3")))
	want := answers(s.last)

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 50 {
		md := stickyBatch("id 1", "id 2", "id 3")
		shuffle(md, random)
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		require.Equal(t, want, answers(s.last))
	}

	a, _, _ := made(t, configured(t, stickyRules))
	require.NoError(t, a.start(t.Context(), disk{}))
	defer func() { require.NoError(t, a.shutdown(context.Background())) }()
	var group sync.WaitGroup
	all := make([][]string, 16)
	for i := range all {
		group.Go(func() {
			out, err := a.process(context.Background(), stickyBatch("id 1", "id 2", "id 3"))
			assert.NoError(t, err)
			all[i] = answers(out)
		})
	}
	group.Wait()
	for _, got := range all {
		assert.Equal(t, all[0], got)
	}
}

func TestClaim7GarbledSecretRefuses(t *testing.T) {
	for name, stored := range map[string]string{
		"no JSON":   "garbled",
		"too short": `{"version":1,"record":{"secret":"AAAA"}}`,
		"all zero":  `{"version":1,"record":{"secret":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}`,
		"version":   `{"version":2,"record":{}}`,
		"empty":     `{"version":1,"record":{}}`,
	} {
		_, p, _ := made(t, configured(t, stickyRules))
		err := p.Start(t.Context(), disk{secretKey: []byte(stored)})
		assert.ErrorContains(t, err, `stored state "secret"`, name)
		assert.ErrorContains(t, err, "start anew", name)
		require.NoError(t, p.Shutdown(t.Context()))
	}
	prove.Claim(t, 7, "garbled secret", "refused in 5 ways")
}

func TestClaim7MissingSecretIsANewIdentity(t *testing.T) {
	cfg := configured(t, stickyRules)
	once := func() []string {
		p, s := started(t, cfg, disk{})
		require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
		return answers(s.last)
	}
	first, second := once(), once()
	id := func(line string) string { return line[:36] }
	assert.NotEqual(t, id(first[0]), id(second[0]))
	assert.NotEqual(t, first, second)
	prove.Claim(t, 7, "missing secret", "a new id: %s… and %s…", first[0][:8], second[0][:8])
}

func TestNothingIsWrittenBeforeDataComes(t *testing.T) {
	d := disk{}
	p, _ := started(t, configured(t, stickyRules), d)
	assert.Empty(t, d)
	require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
	assert.Contains(t, d, secretKey)
}

func TestNothingLeavesUndrawnWhenTheSecretCannotBeStored(t *testing.T) {
	d := disk{full: []byte{1}}
	p, s := started(t, configured(t, stickyRules), d)
	require.ErrorContains(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")), `state "secret" cannot be stored`)
	assert.Nil(t, s.ctx)
	delete(d, full)
	require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
	assert.NotNil(t, s.ctx)
}

func TestStateHoldsNoNames(t *testing.T) {
	d := disk{}
	p, _ := started(t, configured(t, stickyRules), d)
	require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
	for key, stored := range d {
		for _, name := range []string{"id 1", "free", "pro"} {
			assert.NotContains(t, string(stored), name, key)
		}
	}
}

func TestInstallationsBehindAGatewayDrawForThemselves(t *testing.T) {
	cfg := configured(t, `{storage: s, metrics: {noise: {noise: {scale: 20}}}, attributes: {plan: {keep: true, open: true}, tier: {keep: true, open: true}}}`)
	p, s := started(t, cfg, disk{}, func(a *anonymizer) { a.memory.secret = [32]byte{1} })
	require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1", "id 2")))
	var numbers [2][]int64
	for i, rm := range s.last.ResourceMetrics().All() {
		for _, point := range rm.ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().All() {
			numbers[i] = append(numbers[i], point.IntValue())
		}
	}
	assert.Len(t, numbers[0], 4)
	assert.NotEqual(t, numbers[0], numbers[1])
}

// Two numbers of one draw leave by how much they differ.
func TestServicesWithoutAnIDDrawForThemselves(t *testing.T) {
	cfg := configured(t, `{storage: s, metrics: {a: {noise: {scale: 1000}}}, resource: {service.name: {keep: true}}}`)
	core, logs := observer.New(zap.WarnLevel)
	differ := func(services ...string) int64 {
		p, s := started(t, cfg, disk{}, func(a *anonymizer) { a.memory.secret, a.notices.Logger = [32]byte{1}, zap.New(core) })
		md := pmetric.NewMetrics()
		for i, name := range services {
			rm := md.ResourceMetrics().AppendEmpty()
			namespace, name, _ := strings.Cut(name, "/")
			rm.Resource().Attributes().PutStr("service.namespace", namespace)
			rm.Resource().Attributes().PutStr("service.name", name)
			addGauge(rm, "a", 5000+i)
		}
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		value := func(i int) int64 {
			return s.last.ResourceMetrics().At(i).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0).IntValue()
		}
		return value(1) - value(0)
	}
	assert.NotEqual(t, int64(1), differ("x/shop", "x/blog"))
	assert.NotEqual(t, int64(1), differ("x/shop", "y/shop"))
	assert.Zero(t, logs.FilterMessageSnippet("several resources").Len())
	assert.Equal(t, int64(1), differ("x/shop", "x/shop"), "nothing tells the two apart")
	assert.Equal(t, 1, logs.FilterMessageSnippet("several resources of one request").Len(), "and that is said")
}

func TestSecondRedrawWithinAYearIsWarnedOf(t *testing.T) {
	d := disk{}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	start := func(scale int, now time.Time) string {
		core, logs := observer.New(zap.WarnLevel)
		cfg := configured(t, fmt.Sprintf("{storage: s, metrics: {noise: {noise: {scale: %d}}}}", scale))
		p, _ := started(t, cfg, d, at(now), func(a *anonymizer) { a.notices.Logger = zap.New(core) })
		require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
		var messages []string
		for _, e := range logs.All() {
			messages = append(messages, e.Message)
		}
		return strings.Join(messages, "\n")
	}
	const warning = "metrics::noise: drawn anew more than once within a year"
	assert.NotContains(t, start(5, day), warning, "first start")
	assert.NotContains(t, start(5, day), warning, "nothing changed")
	assert.NotContains(t, start(6, day.AddDate(0, 1, 0)), warning, "first redraw")
	assert.Contains(t, start(7, day.AddDate(0, 2, 0)), warning)
	assert.Contains(t, start(7, day.AddDate(0, 3, 0)), warning, "it is said at each start")
	assert.NotContains(t, start(7, day.AddDate(2, 0, 0)), warning, "a year later")
}

// A rule under another name is another draw too, where it is for the same metric.
func TestARedrawByAnotherRuleIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		rules  []string
		warned bool
	}{
		"narrowed":        {[]string{`"n*": {noise: {scale: 5}}`, `"no*": {noise: {scale: 6}}`, `"noi*": {noise: {scale: 7}}`}, true},
		"by name":         {[]string{`"n*": {noise: {scale: 5}}`, `"n*": {noise: {scale: 5}}, noise: {noise: {scale: 6}}`, `"n*": {noise: {scale: 5}}, noise: {noise: {scale: 7}}`}, true},
		"with the same":   {[]string{`"n*": {noise: {scale: 5}}`, `"no*": {noise: {scale: 5}}`, `noise: {noise: {scale: 5}}`}, false},
		"of another":      {[]string{`"n*": {noise: {scale: 5}}`, `"n*": {noise: {scale: 5}}, other: {noise: {scale: 6}}`, `"n*": {noise: {scale: 5}}, more: {noise: {scale: 7}}`}, false},
		"both from first": {[]string{`"n*": {noise: {scale: 5}}, noise: {noise: {scale: 6}}`, `"n*": {noise: {scale: 5}}, noise: {noise: {scale: 6}}`}, false},
	} {
		d, said := disk{}, false
		for month, rules := range c.rules {
			core, logs := observer.New(zap.WarnLevel)
			p, _ := started(t, configured(t, "{storage: s, metrics: {"+rules+"}}"), d, at(time.Date(2026, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)), func(a *anonymizer) { a.notices.Logger = zap.New(core) })
			require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("noise", 7)))
			said = logs.FilterMessageSnippet("drawn anew more than once within a year").Len() > 0
		}
		assert.Equal(t, c.warned, said, name)
	}
}

func TestPseudonymChangesWithThePeriodOnly(t *testing.T) {
	cfg := configured(t, `{storage: s, metrics: {round: {keep: true}}, attributes: {plan: {keep: true, open: true}, tier: {keep: true, open: true}}, resource: {service.instance.id: {pseudonym: {every: quarter}}}}`)
	d := disk{}
	names := map[string]int{}
	var last string
	changes := 0
	for day := range 365 {
		p, s := started(t, cfg, d, at(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day)))
		require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
		id, _ := s.last.ResourceMetrics().At(0).Resource().Attributes().Get(instanceID)
		if last != "" && id.Str() != last {
			changes++
		}
		last = id.Str()
		names[last]++
	}
	assert.Equal(t, 4, changes)
	assert.Len(t, names, 5, "no name comes back")
}

func TestFleetDoesNotTurnOverAtOnce(t *testing.T) {
	p := rule.Pseudonym{Every: rule.Quarter}
	before, after := 0, 0
	for i := range 200 {
		secret := [32]byte{byte(i), 1}
		if p.Period(secret, time.Date(2026, 2, 14, 0, 0, 0, 0, time.UTC)) == p.Period(secret, time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC)) {
			before++
		} else {
			after++
		}
	}
	assert.Less(t, after, 20, "of 200 in one day of ninety")
	assert.Positive(t, before)
}

func TestHysteresisSurvivesRestarts(t *testing.T) {
	cfg := configured(t, "{storage: s, metrics: {bucket: {bucket: {}}}}")
	d := disk{}
	for i, c := range []struct{ reads, leaves int }{{20, 6}, {21, 6}, {22, 21}, {20, 21}, {13, 21}, {12, 6}, {21, 6}} {
		p, s := started(t, cfg, d)
		require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("bucket", c.reads)))
		assert.EqualValues(t, c.leaves, onlyMetric(t, s.last).Gauge().DataPoints().At(0).IntValue(), "week %d", i)
	}
}

// A range that is remembered of other bounds, or of the number before noise, is none of this rule's.
func TestRangesBelongToTheirRule(t *testing.T) {
	secret := func(a *anonymizer) { a.memory.secret = mechanism.Secret{1} }
	leaves := func(d disk, entry string, reads int) int64 {
		p, s := started(t, configured(t, "{storage: s, metrics: {a: {"+entry+"}}}"), d, secret)
		require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", reads)))
		return onlyMetric(t, s.last).Gauge().DataPoints().At(0).IntValue()
	}
	for _, c := range []struct {
		before string
		read   int
		then   string
		reads  int
	}{
		{"bucket: {bounds: [0, 1, 10]}", 5, "bucket: {bounds: [0, 1000, 2000]}", 950},
		{"bucket: {hysteresis: 0.1}", 21, "bucket: {hysteresis: 0.2}", 20},
		{"bucket: {}", 21, "clamp: {max: 1000}, bucket: {}", 20},
		{"bucket: {}", 2001, "noise: {scale: 0.5}, bucket: {}", 1990},
		{"noise: {scale: 0.5}, bucket: {}", 2100, "noise: {scale: 0.6}, bucket: {}", 1980},
		{"noise: {scale: 0.5, fresh: true}, bucket: {}", 2100, "noise: {scale: 0.5}, bucket: {}", 1980},
	} {
		changed := disk{}
		leaves(changed, c.before, c.read)
		assert.Equal(t, leaves(disk{}, c.then, c.reads), leaves(changed, c.then, c.reads), "%s, then %s", c.before, c.then)
	}
}

// An application's next version may have other bounds. A bucket in the place of another one counts something else: one
// draw for both would leave by how much they differ, 4 of 7 here, exact.
func TestABucketsDrawBelongsToItsBounds(t *testing.T) {
	p, s := started(t, configured(t, "{storage: s, metrics: {a: {noise: {scale: 1000000}}}}"), disk{})
	buckets := func(bounds []float64, counts ...uint64) []uint64 {
		md := pmetric.NewMetrics()
		m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		m.SetName("a")
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		point := h.DataPoints().AppendEmpty()
		point.SetTimestamp(noon)
		point.ExplicitBounds().FromRaw(bounds)
		point.BucketCounts().FromRaw(counts)
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		return onlyMetric(t, s.last).Histogram().DataPoints().At(0).BucketCounts().AsRaw()
	}
	const far = 1 << 40
	before := buckets([]float64{10}, far, far)
	after := buckets([]float64{5, 10}, far, far, far)
	assert.NotEqual(t, before[0], after[0], "up to 10, and up to 5")
	assert.NotEqual(t, before[1], after[1], "above 10, and above 5 up to 10")
	assert.Equal(t, before[1], after[2], "above 10 is one number among either bounds")
}
