// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

func TestAClockThatJumpsJoinsNoPeriods(t *testing.T) {
	cfg := configured(t, `{storage: s, metrics: {a: {keep: true}}, resource: {service.instance.id: {pseudonym: {every: quarter}}}}`)
	d := disk{}
	name := func(now time.Time) string {
		p, s := started(t, cfg, d, at(now)) // each report after a restart
		md := gaugeOf("a", 1)
		md.ResourceMetrics().At(0).Resource().Attributes().PutStr(instanceID, "id")
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		id, _ := s.last.ResourceMetrics().At(0).Resource().Attributes().Get(instanceID)
		return id.Str()
	}
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	before := name(day)
	assert.Equal(t, before, name(day.Add(time.Hour)))
	ahead := name(day.AddDate(4, 0, 0))
	back := name(day.Add(2 * time.Hour))
	assert.NotEqual(t, before, ahead)
	assert.NotEqual(t, before, back, "the same name on both sides would join the period between")
	assert.NotEqual(t, ahead, back)
	assert.Equal(t, back, name(day.Add(3*time.Hour)))
	assert.Equal(t, back, name(day.Add(-time.Hour)), "a clock that is set right by an hour changes no name")
	next := name(day.AddDate(0, 6, 0))
	assert.NotContains(t, []string{before, ahead, back}, next)
}

func TestAClockSetRightAtTheTurnChangesNoName(t *testing.T) {
	cfg := configured(t, `{storage: s, metrics: {a: {keep: true}}, resource: {service.instance.id: {pseudonym: {every: week}}}}`)
	names := map[string]bool{}
	var now time.Time
	p, s := started(t, cfg, disk{}, func(a *anonymizer) { a.memory.now = func() time.Time { return now } })
	for hour := range 7 * 24 * 3 {
		for _, minute := range []int{0, 50, 10} { // forth and back in each hour
			now = time.Date(2026, 5, 1, hour, minute, 0, 0, time.UTC)
			md := gaugeOf("a", 1)
			md.ResourceMetrics().At(0).Resource().Attributes().PutStr(instanceID, "id")
			require.NoError(t, p.ConsumeMetrics(t.Context(), md))
			id, _ := s.last.ResourceMetrics().At(0).Resource().Attributes().Get(instanceID)
			names[id.Str()] = true
		}
	}
	assert.Len(t, names, 4, "three weeks from within one")
}

// Behind a gateway installations share a secret. A name that two of them had in common would tell that one person uses
// both, or that both run on one machine.
func TestPseudonymsBelongToOneInstallation(t *testing.T) {
	md := pmetric.NewMetrics()
	for _, id := range []string{"id 1", "id 2"} {
		rm := md.ResourceMetrics().AppendEmpty()
		rm.Resource().Attributes().PutStr("service.instance.id", id)
		rm.Resource().Attributes().PutStr("host.name", "srv1")
		for i, p := range addGauge(rm, "a", 10, 20).All() {
			p.Attributes().PutStr("user", "ann")
			p.Attributes().PutStr("service.instance.id", "worker 1")
			p.Attributes().PutInt("at", int64(i))
		}
	}
	renamed := "pseudonym: {every: quarter}"
	got := anonymized(t, configured(t, "{storage: s, metrics: {a: {round: {to: 10}}}, attributes: {user: {"+renamed+"}, service.instance.id: {"+renamed+"}, at: {keep: true, open: true}}, resource: {host.name: {"+renamed+"}, service.instance.id: {"+renamed+"}}}"), md)
	require.Equal(t, 2, got.ResourceMetrics().Len())
	met := map[string]int{}
	for _, rm := range got.ResourceMetrics().All() {
		for _, v := range rm.Resource().Attributes().All() {
			met[v.Str()]++
		}
		of := map[string]bool{}
		for _, p := range rm.ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().All() {
			for _, name := range []string{"user", "service.instance.id"} {
				v, _ := p.Attributes().Get(name)
				of[v.Str()] = true
			}
		}
		require.Len(t, of, 2, "one value of one installation has one name")
		for name := range of {
			met[name]++
		}
	}
	assert.Len(t, met, 8, "four names of each: %v", met)
}
