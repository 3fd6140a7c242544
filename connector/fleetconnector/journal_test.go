// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
)

// lossyDisk is a storage of which a copy can be taken as it is, as after a crash.
type lossyDisk struct {
	*storagetest.TestStorage
	mutex   sync.Mutex
	records map[string][]byte
	commits atomic.Int64
	slow    chan struct{} // where not nil, each commit waits for one
}

func newLossyDisk() *lossyDisk {
	return &lossyDisk{TestStorage: storagetest.NewInMemoryStorageExtension("disk"), records: map[string][]byte{}}
}

func (d *lossyDisk) crashed() *lossyDisk {
	after := newLossyDisk()
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for key, record := range d.records {
		after.records[key] = record
	}
	return after
}

func (d *lossyDisk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return lossyClient{d}, nil
}

type lossyClient struct{ *lossyDisk }

func (c lossyClient) Close(context.Context) error { return nil }

func (c lossyClient) Get(ctx context.Context, key string) ([]byte, error) {
	get := storage.GetOperation(key)
	return get.Value, c.Batch(ctx, get)
}

func (c lossyClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c lossyClient) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c lossyClient) Batch(_ context.Context, operations ...*storage.Operation) error {
	if c.slow != nil {
		<-c.slow
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, o := range operations {
		switch o.Type {
		case storage.Get:
			o.Value = c.records[o.Key]
		case storage.Set:
			c.records[o.Key] = o.Value
			c.commits.Add(1)
		case storage.Delete:
			delete(c.records, o.Key)
		}
	}
	return nil
}

func (d *lossyDisk) rig(t *testing.T, change func(*Config)) *rig {
	sink := new(consumertest.MetricsSink)
	r := startRig(t, connectortest.NewNopSettings(metadata.Type), storagetest.NewStorageHost().WithExtension(d.ID, d), sink, func(cfg *Config) {
		cfg.Storage = &d.ID
		change(cfg)
	})
	r.sink = sink
	return r
}

// Whenever the process dies, what was acknowledged is there again, shards being rewritten or not.
func TestWhatIsAcknowledgedIsStored(t *testing.T) {
	configure := func(cfg *Config) { cfg.Metrics, cfg.Resource = numberRules{"x": {}}, textRules{"v": {}} }
	rapid.Check(t, func(rt *rapid.T) {
		disk := newLossyDisk()
		r := disk.rig(t, configure)
		last := map[int]int{}
		for range rapid.IntRange(1, 40).Draw(rt, "reports") {
			who, x := rapid.IntRange(0, 9).Draw(rt, "installation"), rapid.IntRange(-1e6, 1e6).Draw(rt, "x")
			last[who] = x
			r.hear(fmt.Sprint(who), "x", x, "v", fmt.Sprint("5.", x%3))
			if rapid.IntRange(0, 5).Draw(rt, "compact") == 0 {
				r.c.memory.compacted = time.Time{} // so that the shards are due
				r.tells()
			}
			if rapid.IntRange(0, 9).Draw(rt, "crash") == 0 {
				at := r.at.Add(time.Second)
				disk = disk.crashed()
				r = disk.rig(t, configure)
				r.at = at
			}
		}
		sum := 0
		for _, x := range last {
			sum += x
		}
		r = disk.crashed().rig(t, configure)
		r.at = r.at.Add(time.Hour)
		told := r.tells()
		require.Contains(rt, told, fmt.Sprintf("fleet.installation.count{} %d {installation}", len(last)))
		require.Contains(rt, told, fmt.Sprintf("fleet.x.sum{} %.4g ", float64(sum)))
	})
}

// A crash between the shards and the end of the journal: reading the journal again changes nothing.
func TestCrashWhileShardsAreWritten(t *testing.T) {
	configure := func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} }
	disk := newLossyDisk()
	r := disk.rig(t, configure)
	for i := range 100 {
		r.hear(fmt.Sprint(i), "x", 1)
	}
	journal := disk.crashed().records
	r.c.memory.compacted = time.Time{}
	r.tells()
	after := disk.crashed()
	for key, record := range journal { // the shards are new, the journal is not ended yet
		if _, shard := after.records[key]; !shard || key == journalKeyKey {
			after.records[key] = record
		}
	}
	delete(after.records, journalKeyKey)
	again := after.rig(t, configure)
	again.at = again.at.Add(time.Hour)
	assert.Contains(t, again.tells(), "fleet.x.sum{} 100 ")
}

// Reports that come while one is being stored share the next commit.
func TestReportsShareACommit(t *testing.T) {
	disk := newLossyDisk()
	r := disk.rig(t, func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} })
	disk.commits.Store(0)
	disk.slow = make(chan struct{})
	var reports sync.WaitGroup
	for i := range 64 {
		reports.Go(func() { assert.NoError(t, r.c.ConsumeMetrics(t.Context(), reportOf(fmt.Sprint(i), "x", 1))) })
	}
	disk.slow <- struct{}{} // the first is under way, alone or with some; all others share what follows
	for waiting := true; waiting; {
		r.c.mutex.Lock()
		waiting = len(r.c.fleet.places) < 64
		r.c.mutex.Unlock()
	}
	close(disk.slow)
	reports.Wait()
	assert.LessOrEqual(t, disk.commits.Load(), int64(3))
	assert.Contains(t, disk.crashed().rig(t, func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} }).tells(), "fleet.x.sum{} 64 ")
}

// A fleet that the first version stored is taken over.
func TestFirstVersionIsReadStill(t *testing.T) {
	disk := newLossyDisk()
	store := func(key string, record any) {
		raw, err := json.Marshal(map[string]any{"version": 1, "record": record})
		require.NoError(t, err)
		disk.records[key] = raw
	}
	at := secondsOf(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	store(keyKey, keyRecord{make([]byte, 32)})
	store("installations/07", oldShard{
		Aggregates:    []string{"metric x number", "resource v value", "metric gone number"},
		Installations: []oldInstallation{{Identity: append([]byte{7}, make([]byte, 15)...), Seen: at, Answers: []oldAnswer{{0, at, 4.5, ""}, {1, at, 0, "5.3"}, {2, at, 1, ""}}}},
	})
	configure := func(cfg *Config) { cfg.Metrics, cfg.Resource = numberRules{"x": {}}, textRules{"v": {}} }
	want := []string{
		"fleet.installation.count{} 1 {installation}", "fleet.v.installation.count{v=5.3} 1 {installation}",
		"fleet.x.installation.count{} 1 {installation}", "fleet.x.mean{} 4.5 ", "fleet.x.sum{} 4.5 ",
	}
	assert.Equal(t, want, disk.rig(t, configure).tells())
	assert.NotContains(t, disk.records, "installations/07", "it is written anew")
	r := disk.crashed().rig(t, configure)
	r.at = r.at.Add(time.Hour)
	assert.Equal(t, want, r.tells())
}

func TestCompactNumbersAreExact(t *testing.T) {
	for _, x := range []float64{0, 1, -1, 45.37, .1, .001, 1e6, 123456700, 134217727, -134217728, 5e12, math.Pi, 1e300, math.MaxFloat64, -.0005} {
		if code := compact(x); code != wide {
			assert.Equal(t, x, number(code))
		}
	}
	for _, x := range []float64{0, 7, -7, 1000, 250_000_000, 45.37, 2.5, 1_234_000_000} {
		assert.NotEqual(t, uint32(wide), compact(x), "%v takes one word", x)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.Float64(), rapid.Map(rapid.IntRange(-1e9, 1e9), func(n int) float64 { return float64(n) / 100 })).Draw(t, "x")
		if code := compact(x); code != wide {
			require.NotEqual(t, uint32(unsaid), code)
			require.Equal(t, x, number(code)) //nolint:testifylint // exactly
		}
	})
}

// FuzzBlock reads what may stand on a disk: it is taken in or refused, and what was
// taken in is written again as it was read.
func FuzzBlock(f *testing.F) {
	of, err := newAggregates(&Config{Metrics: numberRules{"x": {}, "p": {By: "plan"}}, Resource: textRules{"v": {}}})
	require.NoError(f, err)
	fleet := newInstallations(10, of.kinds())
	at, _, _ := fleet.find(identity{1})
	fleet.see(at, false, 5)
	fleet.put(at, of.metric["x"], answer{kind: aNumber, number: math.Pi}, 5)
	fleet.put(at, of.metric["p"], answer{kind: aGroup, parts: []part{{"free", 3}}}, 5)
	fleet.put(at, of.resource["v"], answer{kind: aText, text: "5.3"}, 5)
	f.Add(fleet.record(newBlock(of), identity{1}, at))
	f.Add(newBlock(of))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, block []byte) {
		fleet := newInstallations(100, of.kinds())
		if fleet.restore(block, of) != nil {
			return
		}
		again := newBlock(of)
		for who, at := range fleet.places {
			again = fleet.record(again, who, at)
		}
		second := newInstallations(100, of.kinds())
		require.NoError(t, second.restore(again, of))
		require.Len(t, second.places, len(fleet.places))
	})
}
