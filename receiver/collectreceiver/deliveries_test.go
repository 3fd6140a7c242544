// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/state"
)

func TestRepetitionIsPassedOnOnce(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := newRig(t, sink, nil)
	body := usage(`"users":1`)
	for range 3 {
		assert.Equal(t, http.StatusOK, r.post(body, "Idempotency-Key", "k").status)
	}
	assert.Len(t, sink.AllMetrics(), 1)
	r.post(body, "Idempotency-Key", "another")
	r.post(strings.Replace(body, "secret-id", "another", 1), "Idempotency-Key", "k")
	r.post(body)
	r.post(body)
	assert.Len(t, sink.AllMetrics(), 5, "another key, another installation, no key")
}

func TestKeyBelongsToName(t *testing.T) {
	s := collect.Stat{InstanceID: "ab", Name: "c"}
	d := newDelivery(&s, "k")
	for _, other := range []collect.Stat{{InstanceID: "ab", Name: "d"}, {InstanceID: "a", Name: "bc"}} {
		assert.NotEqual(t, d, newDelivery(&other, "k"))
	}
	assert.Equal(t, d, newDelivery(&s, "k"))
}

func TestRefusedIsNotRemembered(t *testing.T) {
	refuse := errors.New("not now")
	passed := 0
	r := newRig(t, consumerFunc(func(context.Context, pmetric.Metrics) error { passed++; return refuse }), nil)
	assert.Equal(t, http.StatusServiceUnavailable, r.post(usage(`"users":1`), "Idempotency-Key", "k").status)
	refuse = nil
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Idempotency-Key", "k").status)
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Idempotency-Key", "k").status)
	assert.Equal(t, 2, passed)
}

func TestBadKeys(t *testing.T) {
	r := newRig(t, consumertest.NewNop(), nil)
	for name, headers := range map[string][]string{
		"empty": {"Idempotency-Key", ""},
		"long":  {"Idempotency-Key", strings.Repeat("k", maxKey+1)},
		"space": {"Idempotency-Key", "a b"},
		"bytes": {"Idempotency-Key", "é"},
		"two":   {"Idempotency-Key", "a", "Idempotency-Key", "b"},
	} {
		assert.Equal(t, http.StatusBadRequest, r.post(usage(`"users":1`), headers...).status, name)
	}
}

// Many at once: none is answered before the first is through, one is passed on.
func TestConcurrentRepetitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDeliveries(Idempotency{Retention: time.Hour, MaxKeys: 10}, time.Now)
		var passed, answered atomic.Int64
		gate := make(chan bool) // each who passes it on learns whether it was accepted
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				repeated, err := d.begin(context.Background(), delivery{1})
				assert.NoError(t, err)
				if !repeated {
					passed.Add(1)
					d.end(delivery{1}, <-gate)
				}
				answered.Add(1)
			})
		}
		synctest.Wait()
		assert.Equal(t, int64(1), passed.Load())
		assert.Zero(t, answered.Load())
		gate <- false
		synctest.Wait()
		assert.Equal(t, int64(2), passed.Load(), "after a refusal the next one tries")
		gate <- true
		all.Wait()
		assert.Equal(t, int64(2), passed.Load())
	})
}

func TestWaitingEndsWithRequest(t *testing.T) {
	d := newDeliveries(Idempotency{Retention: time.Hour, MaxKeys: 10}, time.Now)
	_, err := d.begin(context.Background(), delivery{1})
	require.NoError(t, err)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = d.begin(ended, delivery{1})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestMemoryIsBounded(t *testing.T) {
	now := time.Unix(1795392000, 0)
	d := newDeliveries(Idempotency{Retention: time.Hour, MaxKeys: 3}, func() time.Time { return now })
	known := func(n byte) bool {
		repeated, err := d.begin(context.Background(), delivery{n})
		require.NoError(t, err)
		if !repeated {
			d.end(delivery{n}, false)
		}
		return repeated
	}
	for n := byte(1); n <= 4; n++ {
		d.accept(t, delivery{n})
	}
	assert.False(t, known(1), "the oldest makes room")
	assert.True(t, known(2) && known(3) && known(4))
	now = now.Add(time.Hour)
	assert.False(t, known(4), "its time is over")
	d.accept(t, delivery{4})
	d.accept(t, delivery{5})
	assert.Len(t, d.accepted, 2)
	assert.Empty(t, d.underway)
}

// reopened is the memory over the storage in folder, as after a restart.
func reopened(t *testing.T, folder string, keys int, logger *zap.Logger) *deliveries {
	t.Helper()
	extension := storagetest.NewFileBackedStorageExtension("test", folder)
	store, err := state.Open(context.Background(), storagetest.NewStorageHost().WithExtension(extension.ID, extension), &extension.ID, component.KindReceiver, component.NewID(metadata.Type))
	require.NoError(t, err)
	d := newDeliveries(Idempotency{Retention: time.Hour, MaxKeys: keys}, time.Now)
	require.NoError(t, d.load(context.Background(), store, logger))
	return d
}

func (d *deliveries) accept(t *testing.T, which delivery) {
	t.Helper()
	repeated, err := d.begin(context.Background(), which)
	require.NoError(t, err)
	require.False(t, repeated)
	d.end(which, true)
}

func TestRestart(t *testing.T) {
	for name, c := range map[string]struct {
		before, after int
		known         []delivery
	}{
		"same":    {10, 10, []delivery{{1}, {2}, {3}, {4}, {5}}},
		"wrapped": {3, 3, []delivery{{3}, {4}, {5}}},
		"smaller": {10, 3, []delivery{{3}, {4}, {5}}},
		"greater": {3, 10, []delivery{{3}, {4}, {5}}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for n := byte(1); n <= 5; n++ { // each in a life of its own
				d := reopened(t, folder, c.before, zap.NewNop())
				d.accept(t, delivery{n})
				require.NoError(t, d.store.Close(context.Background()))
			}
			d := reopened(t, folder, c.after, zap.NewNop())
			assert.ElementsMatch(t, c.known, slices.Collect(maps.Keys(d.accepted)))
			d.accept(t, delivery{6})
			require.NoError(t, d.store.Close(context.Background()))
			d = reopened(t, folder, c.after, zap.NewNop())
			want := append(c.known, delivery{6})
			assert.ElementsMatch(t, want[max(0, len(want)-c.after):], slices.Collect(maps.Keys(d.accepted)))
			require.NoError(t, d.store.Close(context.Background()))
		})
	}
}

func TestDamagedRecordIsDropped(t *testing.T) {
	folder := t.TempDir()
	d := reopened(t, folder, 10, zap.NewNop())
	d.accept(t, delivery{1})
	d.accept(t, delivery{2})
	require.NoError(t, d.store.Save(context.Background(), "1", recordVersion, "no acceptance"))
	require.NoError(t, d.store.Close(context.Background()))
	for _, warnings := range []int{1, 0} { // once: it is removed
		core, logs := observer.New(zap.WarnLevel)
		d = reopened(t, folder, 10, zap.New(core))
		assert.Equal(t, map[delivery]uint64{{2}: 2}, d.accepted)
		assert.Len(t, logs.All(), warnings)
		require.NoError(t, d.store.Close(context.Background()))
	}
}

func TestReceiverRemembersThroughRestart(t *testing.T) {
	folder := t.TempDir()
	sink := new(consumertest.MetricsSink)
	for range 2 {
		extension := storagetest.NewFileBackedStorageExtension("test", folder)
		host := storagetest.NewStorageHost().WithExtension(extension.ID, extension)
		set := receivertest.NewNopSettings(metadata.Type)
		set.ID = component.NewID(metadata.Type)
		r := startRig(t, sink, set, host, func(c *Config) { c.Storage = &extension.ID })
		assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Idempotency-Key", "k").status)
		http.DefaultClient.CloseIdleConnections()
		require.NoError(t, r.receiver.Shutdown(context.Background()))
	}
	assert.Len(t, sink.AllMetrics(), 1)
}

func TestFailingStorageIsSaidOnce(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	d := newDeliveries(Idempotency{Retention: time.Hour, MaxKeys: 10}, time.Now)
	d.notices.Logger = zap.New(core)
	for _, err := range []error{errors.New("disk"), errors.New("disk"), nil, nil} {
		d.noteHealth(err)
	}
	assert.Len(t, logs.All(), 2)
}

// The tags of a key go on with the report; a repetition is known without them.
func TestTagsOfAKey(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := newRig(t, sink, nil)
	drawn := strings.Repeat("0a", 16)
	tags := []collect.Tag{mapping.MetricTag("app.users", "one_bit 1000 1/4 1/10")}
	tagged := collect.Tagged(drawn, tags)
	require.NotEqual(t, drawn, tagged)
	for _, key := range []string{tagged, drawn, collect.Tagged(drawn, append(tags, tags...))} {
		assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Idempotency-Key", key).status)
	}
	require.Len(t, sink.AllMetrics(), 1)
	assert.True(t, tags[0].Agrees(mapping.TagsOf(sink.AllMetrics()[0].ResourceMetrics().At(0))))
	assert.NotEmpty(t, mapping.TagsOf(sink.AllMetrics()[0].ResourceMetrics().At(0)))

	r.post(usage(`"version":"5.3"`), "Idempotency-Key", collect.Tagged(strings.Repeat("0b", 16), tags))
	assert.NotEmpty(t, mapping.TagsOf(sink.AllMetrics()[1].ResourceMetrics().At(0)), "a stat of attributes alone")
	r.post(usage(`"users":1`), "Idempotency-Key", "somebody.elses")
	assert.Zero(t, sink.AllMetrics()[2].ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().Attributes().Len())
}
