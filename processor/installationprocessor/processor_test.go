// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"

	"github.com/headcount-otel/headcount/processor/installationprocessor/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// rig is a started processor.
type rig struct {
	*installationProcessor
	sink *consumertest.MetricsSink
}

func newRig(t *testing.T, host component.Host, change func(*Config)) rig {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	if change != nil {
		change(cfg)
	}
	sink := new(consumertest.MetricsSink)
	p, err := newProcessor(processortest.NewNopSettings(metadata.Type), cfg, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), host))
	return rig{p, sink}
}

func noStorage(c *Config) { c.Storage = nil }

// report is a request of a process: number metrics by name.
func report(process string, temporality pmetric.AggregationTemporality, start, at int64, values map[string]int64) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "shop")
	rm.Resource().Attributes().PutStr(instanceID, process)
	metrics := rm.ScopeMetrics().AppendEmpty().Metrics()
	for name, value := range values {
		m := metrics.AppendEmpty()
		m.SetName(name)
		sum := m.SetEmptySum()
		sum.SetIsMonotonic(true)
		sum.SetAggregationTemporality(temporality)
		p := sum.DataPoints().AppendEmpty()
		p.SetIntValue(value)
		p.SetStartTimestamp(pcommon.Timestamp(start))
		p.SetTimestamp(pcommon.Timestamp(at))
	}
	return md
}

const (
	cumulative = pmetric.AggregationTemporalityCumulative
	delta      = pmetric.AggregationTemporalityDelta
)

// last is what was handed on last: the installation's id, and each metric's value.
func (r rig) last(t *testing.T) (id string, values map[string]int64) {
	t.Helper()
	all := r.sink.AllMetrics()
	require.NotEmpty(t, all)
	resources := all[len(all)-1].ResourceMetrics()
	require.Equal(t, 1, resources.Len())
	attribute, _ := resources.At(0).Resource().Attributes().Get(instanceID)
	values = map[string]int64{}
	for _, m := range resources.At(0).ScopeMetrics().At(0).Metrics().All() {
		require.Equal(t, cumulative, m.Sum().AggregationTemporality())
		values[m.Name()] = m.Sum().DataPoints().At(0).IntValue()
	}
	return attribute.Str(), values
}

func (r rig) consume(t *testing.T, requests ...pmetric.Metrics) {
	t.Helper()
	for _, md := range requests {
		require.NoError(t, r.ConsumeMetrics(t.Context(), md))
	}
}

func TestWorkersAreAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}), report("b", cumulative, 1, 11, map[string]int64{"orders": 7}))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"orders": 12}, values)
		assert.Len(t, r.sink.AllMetrics(), 1, "one request for all")
		require.NoError(t, r.Shutdown(context.Background()))
	})
}

func TestOneIdThroughRestartsOfTheApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		ids := map[string]bool{}
		for n, process := range []string{"a", "b", "c", "d"} {
			r.consume(t, report(process, cumulative, int64(n*100), int64(n*100+10), map[string]int64{"orders": 5}))
			time.Sleep(time.Minute)
			id, values := r.last(t)
			ids[id] = true
			assert.Equal(t, map[string]int64{"orders": int64(5 * (n + 1))}, values, "what ended processes counted stays counted")
		}
		assert.Len(t, ids, 1)
		require.NoError(t, r.Shutdown(context.Background()))
	})
}

func TestAProcessThatKeepsItsIdAndBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		for _, md := range []pmetric.Metrics{
			report("a", cumulative, 1, 10, map[string]int64{"orders": 5}),
			report("a", cumulative, 1, 20, map[string]int64{"orders": 6}),
			report("a", cumulative, 30, 40, map[string]int64{"orders": 2}), // seen by its value
			report("a", cumulative, 50, 60, map[string]int64{"orders": 9}), // seen by its start
			report("a", cumulative, 50, 70, map[string]int64{"orders": 10}),
		} {
			r.consume(t, md)
			time.Sleep(time.Minute)
		}
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"orders": 6 + 2 + 10}, values)
		require.NoError(t, r.Shutdown(context.Background()))
	})
}

func TestDeltasAccumulate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		for n := range int64(5) {
			r.consume(t, report("a", delta, n*10+1, n*10+10, map[string]int64{"orders": 10}))
			time.Sleep(time.Minute)
		}
		r.consume(t, report("a", delta, 51, 60, map[string]int64{"orders": 1}), report("a", delta, 61, 70, map[string]int64{"orders": 2}))
		time.Sleep(time.Minute)
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"orders": 53}, values)
		require.NoError(t, r.Shutdown(context.Background()))
	})
}

// An SDK that did not hear the answer sends a request again.
func TestARepeatedDeltaCountsOnce(t *testing.T) {
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	for _, md := range []pmetric.Metrics{
		report("a", delta, 1, 10, map[string]int64{"orders": 10}),
		report("a", delta, 1, 10, map[string]int64{"orders": 10}),
		report("b", delta, 1, 10, map[string]int64{"orders": 10}), // of another
		report("a", delta, 10, 20, map[string]int64{"orders": 10}),
		report("a", delta, 0, 0, map[string]int64{"orders": 1}), // of these nobody can tell
		report("a", delta, 0, 0, map[string]int64{"orders": 1}),
	} {
		r.consume(t, md)
	}
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 32}, values)
}

func TestTwoDeltasInOneRequest(t *testing.T) {
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	md := report("a", delta, 1, 10, map[string]int64{"orders": 10})
	more := report("a", delta, 10, 20, map[string]int64{"orders": 7})
	points := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints()
	more.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0).CopyTo(points.AppendEmpty())
	more.ResourceMetrics().At(0).CopyTo(md.ResourceMetrics().AppendEmpty()) // and once more, as a repetition
	r.consume(t, md)
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 17}, values)
}

// What comes too late, as a retry behind a newer request does, neither takes a total back nor looks like a new process.
func TestAPointThatComesTooLateChangesNothing(t *testing.T) {
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	for range 3 {
		r.consume(t, report("a", cumulative, 1, 20, map[string]int64{"orders": 8}), report("a", cumulative, 1, 10, map[string]int64{"orders": 5}),
			report("b", cumulative, 0, 20, map[string]int64{"orders": 4}), report("b", cumulative, 0, 10, map[string]int64{"orders": 2}))
	}
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 12}, values)
}

// Two libraries of one process may have a metric of the same name, as two clients of HTTP do.
func TestScopesAreAdded(t *testing.T) {
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	for n := range int64(3) {
		md := report("a", cumulative, 1, 10+n, map[string]int64{"requests": 10})
		md.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().SetName("requests")
		other := report("a", cumulative, 1, 10+n, map[string]int64{"requests": 3})
		scope := other.ResourceMetrics().At(0).ScopeMetrics().At(0)
		scope.Scope().SetName("urllib3")
		scope.CopyTo(md.ResourceMetrics().At(0).ScopeMetrics().AppendEmpty())
		r.consume(t, md)
	}
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"requests": 13}, values)
}

// Workers that are forked share the id of their parent, or have none: when each began to count tells them apart.
func TestWorkersOfOneIdAreAdded(t *testing.T) {
	for _, id := range []string{"forked", ""} {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		for n := range int64(3) {
			r.consume(t, report(id, cumulative, 1, 100+n, map[string]int64{"orders": 50 + n}), report(id, cumulative, 2, 200+n, map[string]int64{"orders": 7 + n}))
		}
		require.NoError(t, r.Shutdown(t.Context()))
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"orders": 61}, values)
	}
}

// Where not even that tells them apart, the total is not the sum of whatever came between.
func TestWorkersThatCannotBeToldApartAreSaid(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	r.notices.Logger = zap.New(core)
	for n := range int64(3) {
		r.consume(t, report("a", cumulative, 1, 100+2*n, map[string]int64{"orders": 50 + n}), report("a", cumulative, 1, 101+2*n, map[string]int64{"orders": 7 + n}))
	}
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 52}, values)
	require.Equal(t, 1, logs.Len())
	assert.Contains(t, logs.All()[0].Message, "give each a service.instance.id of its own")
}

// Micrometer's workers have no id, and report what they counted at full seconds: what two say alike is one's, sent again.
func TestIncrementsOfOneTimeAreSaid(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	r.notices.Logger = zap.New(core)
	r.consume(t, report("", delta, 1, 2, map[string]int64{"orders": 5}), report("", delta, 2, 3, map[string]int64{"orders": 5}))
	assert.Zero(t, logs.Len(), "one worker's")
	r.consume(t, report("", delta, 2, 3, map[string]int64{"orders": 7}), report("", delta, 3, 4, map[string]int64{"orders": 7}))
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 24}, values)
	require.Equal(t, 1, logs.Len())
	assert.Contains(t, logs.All()[0].Message, "give each a service.instance.id of its own")
}

// Without a name of its own each application would count for every other one that has none.
func TestAnApplicationWithoutANameIsSaid(t *testing.T) {
	for name, said := range map[string]bool{"shop": false, "": true, "unknown_service": true, "unknown_service:python": true} {
		core, logs := observer.New(zap.WarnLevel)
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		r.notices.Logger = zap.New(core)
		for range 2 {
			request := report("a", cumulative, 1, 10, map[string]int64{"orders": 5})
			request.ResourceMetrics().At(0).Resource().Attributes().PutStr("service.name", name)
			r.consume(t, request)
		}
		assert.Equal(t, said, logs.FilterMessageSnippet("OTEL_SERVICE_NAME").Len() == 1, "%s: %v", name, logs.All())
		require.NoError(t, r.Shutdown(t.Context()))
	}
	assert.False(t, (&Identity{Per: []string{"service.name"}, ID: "given"}).lacksName(pcommon.NewMap()), "the operator gave the id")
	assert.False(t, (&Identity{Per: []string{"app.id"}}).lacksName(pcommon.NewMap()), "the name tells nothing apart")
	assert.True(t, (&Identity{Per: []string{"service.name"}}).lacksName(pcommon.NewMap()))
}

func TestASplitReportIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}), report("a", cumulative, 1, 10, map[string]int64{"visits": 7}))
		time.Sleep(time.Minute)
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"orders": 5, "visits": 7}, values)
		require.NoError(t, r.Shutdown(context.Background()))
	})
}

func TestRestartOfTheCollector(t *testing.T) {
	folder := t.TempDir()
	host := storagetest.NewStorageHost().WithFileBackedStorageExtension("state", folder)
	id := storagetest.NewFileBackedStorageExtension("state", folder).ID
	stored := func(c *Config) { c.Storage, c.Gather = &id, 0 }
	r := newRig(t, host, stored)
	r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}), report("b", delta, 1, 10, map[string]int64{"orders": 3}))
	require.NoError(t, r.Shutdown(t.Context()))
	first, _ := r.last(t)

	r = newRig(t, host, stored)
	r.consume(t, report("a", cumulative, 1, 20, map[string]int64{"orders": 6}), report("b", delta, 1, 10, map[string]int64{"orders": 3}))
	require.NoError(t, r.Shutdown(t.Context()))
	second, values := r.last(t)
	assert.Equal(t, first, second)
	assert.Equal(t, map[string]int64{"orders": 9}, values, "neither process a's five nor process b's three, which it sends again, are counted twice")

	files, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.WriteFile(files[0], []byte(`{"installation.x":"bm8="}`), 0o600))
	p, err := newProcessor(processortest.NewNopSettings(metadata.Type), &Config{Storage: &id, MaxInstallations: 1, MaxSeries: 1}, r.sink)
	require.NoError(t, err)
	require.Error(t, p.Start(t.Context(), host), "made anew it would be another installation")
	require.NoError(t, p.Shutdown(t.Context()))
}

// The id that the operator gives holds at once, and what was counted goes on under it.
func TestAnotherIdThatTheOperatorGives(t *testing.T) {
	folder := t.TempDir()
	host := storagetest.NewStorageHost().WithFileBackedStorageExtension("state", folder)
	id := storagetest.NewFileBackedStorageExtension("state", folder).ID
	for n, given := range []string{"first", "second"} {
		r := newRig(t, host, func(c *Config) { c.Storage, c.Gather, c.Identity.ID = &id, 0, given })
		r.consume(t, report(given, cumulative, int64(n+1), 10, map[string]int64{"orders": 5}))
		require.NoError(t, r.Shutdown(t.Context()))
		got, values := r.last(t)
		assert.Equal(t, given, got)
		assert.Equal(t, map[string]int64{"orders": int64(5 * (n + 1))}, values)
	}
}

func TestWhileOffNothingIsGathered(t *testing.T) {
	headcount := component.MustNewID("headcount")
	o := trusttest.NewExtension(trust.On)
	r := newRig(t, trusttest.Host{headcount: o}, func(c *Config) { c.Consent, c.Gather = &headcount, time.Hour })
	r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}))
	require.Len(t, r.installations, 1)
	require.NoError(t, o.Withdraw(t.Context()))
	r.consume(t, report("a", cumulative, 1, 10, map[string]int64{"orders": 5}))
	assert.Empty(t, r.installations)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Empty(t, r.sink.AllMetrics())
}

// unknown are the metrics that the last that was handed on names as not known.
func (r rig) unknown() []any {
	all := r.sink.AllMetrics()
	names, some := all[len(all)-1].ResourceMetrics().At(0).Resource().Attributes().Get(trust.FailedReadings)
	if !some {
		return nil
	}
	return names.Slice().AsRaw()
}

// The next version of an application may say of an attribute that it is a number: it counts on.
func TestAnAttributeOfAnotherTypeIsTheSame(t *testing.T) {
	r := newRig(t, storagetest.NewStorageHost(), noStorage)
	before, after := report("a", cumulative, 1, 10, map[string]int64{"orders": 5}), report("b", cumulative, 2, 20, map[string]int64{"orders": 1})
	for md, set := range map[pmetric.Metrics]func(pcommon.Map){
		before: func(a pcommon.Map) { a.PutStr("tier", "3") },
		after:  func(a pcommon.Map) { a.PutInt("tier", 3) },
	} {
		set(md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0).Attributes())
	}
	r.consume(t, before, after)
	require.NoError(t, r.Shutdown(t.Context()))
	_, values := r.last(t)
	assert.Equal(t, map[string]int64{"orders": 6}, values)
	all := r.sink.AllMetrics()
	assert.Equal(t, 1, all[len(all)-1].DataPointCount())
}

// TestAMetricOfSeveralKindsIsUnknown while both kinds come; then it is the one that still does.
func TestAMetricOfSeveralKindsIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, storagetest.NewStorageHost(), noStorage)
		old := report("a", cumulative, 1, 10, map[string]int64{"load": 54, "orders": 1})
		for _, m := range old.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			m.SetUnit(map[string]string{"load": "s", "orders": "{order}"}[m.Name()])
		}
		r.consume(t, old)
		time.Sleep(time.Minute)
		next := func() pmetric.Metrics {
			return report("b", cumulative, 20, 30, map[string]int64{"load": 7, "orders": 2})
		}
		r.consume(t, next())
		time.Sleep(time.Minute)
		_, values := r.last(t)
		assert.Equal(t, map[string]int64{"orders": 3}, values, "what a unit only calls its number makes no other kind")
		assert.Equal(t, []any{"load"}, r.unknown())
		time.Sleep(2 * time.Hour)
		r.consume(t, next())
		require.NoError(t, r.Shutdown(context.Background()))
		_, values = r.last(t)
		assert.Equal(t, map[string]int64{"load": 7, "orders": 3}, values)
		assert.Empty(t, r.unknown())
	})
}

func TestConfig(t *testing.T) {
	bad := Config{Identity: Identity{Per: []string{"service.instance.id"}}, Gather: -1}
	for _, want := range []string{"storage: missing", "identity::per: service.instance.id is new in each process", "gather: -1ns", "process_timeout: 0s", "max_installations: 0", "max_series: 0"} {
		assert.ErrorContains(t, bad.Validate(), want)
	}
	good := createDefaultConfig().(*Config)
	require.ErrorContains(t, good.Validate(), "storage: missing")
	good.Identity.ID = "given"
	require.NoError(t, good.Validate())
}
