// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/state"
)

// memory is a storage extension whose one client outlives the books.
type memory struct {
	component.StartFunc
	component.ShutdownFunc
	mu     sync.Mutex
	values map[string][]byte
	writes int
	broken error
	// walkable makes the client a storage.Walker.
	walkable bool
}

func (m *memory) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	if m.walkable {
		return walkable{m}, nil
	}
	return m, nil
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key], m.broken
}

func (m *memory) Set(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	m.writes++
	m.values[key] = value
	return nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
	return m.broken
}

// Batch is one write, whole or not at all.
func (m *memory) Batch(_ context.Context, ops ...*storage.Operation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	m.writes++
	for _, op := range ops {
		switch op.Type {
		case storage.Set:
			m.values[op.Key] = op.Value
		case storage.Delete:
			delete(m.values, op.Key)
		}
	}
	return nil
}

func (*memory) Close(context.Context) error { return nil }

type walkable struct{ *memory }

func (w walkable) Walk(_ context.Context, visit storage.WalkFunc) error {
	for key, value := range w.values {
		if _, err := visit(key, value); err != nil {
			return err
		}
	}
	return w.broken
}

func (m *memory) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{component.MustNewID("memory"): m}
}

// clock is set by the test.
type clock struct{ nanoseconds atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(0, c.nanoseconds.Load()) }

func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

func open(t testing.TB, m *memory, c *clock) (*Tracker, error) {
	t.Helper()
	id := component.MustNewID("memory")
	store, err := state.Open(t.Context(), m, &id, component.KindExporter, component.MustNewID("collect"))
	require.NoError(t, err)
	b, damage, err := Open(t.Context(), store, c.now)
	require.NoError(t, err)
	started := c.now()
	b.since = func(then time.Time) time.Duration { return c.now().Sub(then) }
	b.swept = started
	return b, damage
}

// due lets time pass until the stat is due, and returns the key of its next try.
func due(t *testing.T, b *Tracker, c *clock, key Key, stat string, interval time.Duration) string {
	t.Helper()
	for range 3 { // the interval, the random wait, and not a moment longer
		attempt, err := b.Try(t.Context(), key, stat, interval, Growth{}, "")
		require.NoError(t, err)
		if attempt.Wait == 0 {
			require.NotEmpty(t, attempt.IdempotencyKey)
			return attempt.IdempotencyKey
		}
		c.advance(attempt.Wait)
	}
	require.Fail(t, "it does not become due")
	return ""
}

func TestTracker(t *testing.T) {
	for name, m := range map[string]*memory{
		"walked": {values: map[string][]byte{}, walkable: true},
		"asked":  {values: map[string][]byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			c.advance(time.Duration(today))
			b, damage := open(t, m, c)
			require.NoError(t, damage)
			key, interval := NewKey("i-1", "S"), time.Duration(week)

			wait, err := b.Wait(t.Context(), key, "S", interval)
			require.NoError(t, err)
			assert.Zero(t, wait)
			assert.Empty(t, m.values, "nothing is written before a first try")

			first, err := b.Try(t.Context(), key, "S", interval, Growth{}, "")
			require.NoError(t, err)
			require.Len(t, m.values, 1, "the key is stored before it is used")
			b, _ = open(t, m, c)
			again, err := b.Try(t.Context(), key, "S", interval, Growth{}, "")
			require.NoError(t, err)
			assert.Equal(t, first, again, "across a restart")

			require.NoError(t, b.Accepted(t.Context(), key, "S", interval)())
			b, _ = open(t, m, c)
			wait, err = b.Wait(t.Context(), key, "S", interval)
			require.NoError(t, err)
			assert.Equal(t, interval-interval/100, wait)
			early, err := b.Try(t.Context(), key, "S", interval, Growth{}, "")
			require.NoError(t, err)
			assert.Equal(t, Attempt{Wait: interval - interval/100}, early, "no key for what is not due")
			next := due(t, b, c, key, "S", interval)
			assert.NotEqual(t, first.IdempotencyKey, next, "a new report has a new key")

			require.NoError(t, b.Refused(t.Context(), key, "S"))
			b, _ = open(t, m, c)
			c.advance(interval)
			wait, err = b.Wait(t.Context(), key, "S", interval)
			require.NoError(t, err)
			assert.LessOrEqual(t, wait, Spread(interval))
		})
	}
}

func TestWritesPerReport(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	key := NewKey("i-1", "S")
	for range 5 { // tries
		_, err := b.Try(t.Context(), key, "S", time.Hour, Growth{}, "")
		require.NoError(t, err)
	}
	require.NoError(t, b.Accepted(t.Context(), key, "S", time.Hour)())
	for range 5 { // scrapes
		_, err := b.Wait(t.Context(), key, "S", time.Hour)
		require.NoError(t, err)
	}
	assert.Equal(t, 2, m.writes)
}

func TestPaceIsShared(t *testing.T) {
	c := &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, &memory{values: map[string][]byte{}}, c)
	key := NewKey("i-1", "events")
	run, err := b.Try(t.Context(), key, "RUN", time.Hour, Growth{}, "")
	require.NoError(t, err)
	stream, err := b.Try(t.Context(), key, "STREAM", time.Hour, Growth{}, "")
	require.NoError(t, err)
	assert.NotEqual(t, run, stream)
	require.NoError(t, b.Accepted(t.Context(), key, "RUN", time.Hour)())
	wait, err := b.Wait(t.Context(), key, "STREAM", time.Hour)
	require.NoError(t, err)
	assert.Positive(t, wait)
	assert.Equal(t, stream.IdempotencyKey, due(t, b, c, key, "STREAM", time.Hour), "its tries were not accepted")
}

// With other rules of its random answers a report has another key. Whether an earlier try was accepted is not known,
// so that a second one could count twice at a receiver that compares whole keys.
func TestATryUnderOtherRulesIsNotTriedAgain(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	key := NewKey("i-1", "S")
	first, err := b.Try(t.Context(), key, "S", time.Hour, Growth{}, "rule one")
	require.NoError(t, err)
	again, err := b.Try(t.Context(), key, "S", time.Hour, Growth{}, "rule one")
	require.NoError(t, err)
	assert.Equal(t, first, again)

	restarted, _ := open(t, m, c)
	other, err := restarted.Try(t.Context(), key, "S", time.Hour, Growth{}, "rule two")
	require.NoError(t, err)
	assert.Empty(t, other.IdempotencyKey)
	assert.Positive(t, other.Wait)
	restarted, _ = open(t, m, c)
	other, err = restarted.Try(t.Context(), key, "S", time.Hour, Growth{}, "rule two")
	require.NoError(t, err)
	assert.Positive(t, other.Wait, "across restarts")

	c.advance(time.Hour + Spread(time.Hour))
	fresh, err := restarted.Try(t.Context(), key, "S", time.Hour, Growth{}, "rule two")
	require.NoError(t, err)
	c.advance(fresh.Wait) // drawn for the second report on
	fresh, err = restarted.Try(t.Context(), key, "S", time.Hour, Growth{}, "rule two")
	require.NoError(t, err)
	assert.NotEmpty(t, fresh.IdempotencyKey)
	assert.NotEqual(t, first.IdempotencyKey, fresh.IdempotencyKey)
}

// A full disk: without a stored key nothing may be tried; what was accepted holds
// until the end of the process and is stored when there is room again.
func TestFullDisk(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	key := NewKey("i-1", "S")
	m.broken = storage.ErrStorageFull
	_, err := b.Try(t.Context(), key, "S", time.Hour, Growth{}, "")
	require.ErrorIs(t, err, storage.ErrStorageFull)
	_, err = b.Try(t.Context(), key, "S", time.Hour, Growth{}, "")
	require.ErrorIs(t, err, storage.ErrStorageFull, "the key in memory is not one that survives")
	m.broken = nil
	first, err := b.Try(t.Context(), key, "S", time.Hour, Growth{}, "")
	require.NoError(t, err)

	m.broken = storage.ErrStorageFull
	require.Error(t, b.Accepted(t.Context(), key, "S", time.Hour)())
	wait, err := b.Wait(t.Context(), key, "S", time.Hour)
	require.Error(t, err)
	assert.Positive(t, wait)
	forgotten, _ := openBroken(t, m, c)
	repeated, err := forgotten.Try(t.Context(), key, "S", time.Hour, Growth{}, "")
	require.NoError(t, err)
	assert.Equal(t, first, repeated, "a repetition can be told by its key")

	m.broken = nil
	_, err = b.Wait(t.Context(), key, "S", time.Hour)
	require.NoError(t, err)
	restarted, _ := open(t, m, c)
	wait, err = restarted.Wait(t.Context(), key, "S", time.Hour)
	require.NoError(t, err)
	assert.Positive(t, wait, "stored when there was room again")
}

// openBroken opens a second tracker over what the disk holds, as after a crash.
func openBroken(t *testing.T, m *memory, c *clock) (*Tracker, error) {
	t.Helper()
	crashed := &memory{values: map[string][]byte{}, walkable: true}
	for key, value := range m.values {
		crashed.values[key] = value
	}
	return open(t, crashed, c)
}

// A file that was made anew: what may have been accepted just before rests for an interval.
func TestAfterALossEverythingRests(t *testing.T) {
	for name, m := range map[string]*memory{
		"walked": {values: map[string][]byte{}, walkable: true},
		"asked":  {values: map[string][]byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			c.advance(time.Duration(today))
			require.NoError(t, state.NoteLoss(t.Context(), m, c.now()))
			b, damage := open(t, m, c)
			require.NoError(t, damage)
			key := NewKey("i-1", "S")
			for range 2 {
				wait, err := b.Wait(t.Context(), key, "S", time.Hour)
				require.NoError(t, err)
				assert.Equal(t, time.Hour-time.Hour/100, wait)
			}
			b, _ = open(t, m, c)
			due(t, b, c, key, "S", time.Hour)
			require.NoError(t, b.Accepted(t.Context(), key, "S", time.Hour)())
			wait, err := b.Wait(t.Context(), key, "S", time.Hour)
			require.NoError(t, err)
			assert.Equal(t, time.Hour-time.Hour/100, wait)
		})
	}
}

func TestGarbledRecordRests(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	for _, installation := range []string{"i-1", "i-2"} {
		require.NoError(t, b.Accepted(t.Context(), NewKey(installation, "S"), "S", time.Hour)())
	}
	m.values[NewKey("i-1", "S").String()] = []byte("{gar")
	m.values["stray"] = []byte("{}")
	b, damage := open(t, m, c)
	require.ErrorContains(t, damage, NewKey("i-1", "S").String())
	require.ErrorContains(t, damage, "garbled")
	require.ErrorContains(t, damage, "stray")
	c.advance(30 * time.Minute)
	for _, installation := range []string{"i-1", "i-2"} {
		wait, err := b.Wait(t.Context(), NewKey(installation, "S"), "S", time.Hour)
		require.NoError(t, err)
		assert.Positive(t, wait, "no silent resend")
	}
	b, damage = open(t, m, c)
	require.ErrorContains(t, damage, "stray")
	require.NotContains(t, damage.Error(), "garbled", "the rest is stored, and ends")
	c.advance(time.Hour)
	wait, err := b.Wait(t.Context(), NewKey("i-1", "S"), "S", time.Hour)
	require.NoError(t, err)
	assert.LessOrEqual(t, wait, Spread(time.Hour))
}

// A record of a key that is none, as of another component's file: whose it was cannot be known, and nobody's is sent anew.
func TestAStrayRecordIsALoss(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	m.values["stray"] = []byte("{}")
	for range 2 { // it stays, and counts once
		b, damage := open(t, m, c)
		require.ErrorContains(t, damage, "stray")
		wait, err := b.Wait(t.Context(), NewKey("i-1", "S"), "S", time.Hour)
		require.NoError(t, err)
		assert.Positive(t, wait, "no silent resend")
		c.advance(30 * time.Minute)
	}
	b, _ := open(t, m, c)
	wait, err := b.Wait(t.Context(), NewKey("i-1", "S"), "S", time.Hour)
	require.NoError(t, err)
	assert.LessOrEqual(t, wait, Spread(time.Hour))
}

func TestSweep(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	require.NoError(t, b.Accepted(t.Context(), NewKey("old", "S"), "S", 12*time.Hour)())
	c.advance(23 * time.Hour)
	require.NoError(t, b.Accepted(t.Context(), NewKey("new", "S"), "S", 12*time.Hour)())
	_, err := b.Try(t.Context(), NewKey("trying", "S"), "S", 12*time.Hour, Growth{}, "")
	require.NoError(t, err)
	require.NoError(t, b.Sweep(t.Context()))
	assert.Len(t, m.values, 3, "not twice its interval old")
	c.advance(time.Hour)
	require.NoError(t, b.Sweep(t.Context()))
	assert.Len(t, m.values, 2)
	assert.Equal(t, 2, b.settled.taken)
	assert.NotContains(t, m.values, NewKey("old", "S").String())
	c.advance(48 * time.Hour)
	require.NoError(t, b.Sweep(t.Context()))
	assert.Len(t, m.values, 1, "nobody knows whether it was accepted")
	c.advance(28 * 24 * time.Hour)
	require.NoError(t, b.Sweep(t.Context()))
	assert.Empty(t, m.values)
}

// A report is accepted, its answer is lost, and the endpoint is away for many intervals: the key of its tries stays
// the one that the endpoint knows.
func TestAKeyOutlastsALongOutage(t *testing.T) {
	const interval = 12 * time.Hour
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	key := NewKey("i-1", "S")
	first := due(t, b, c, key, "S", interval)
	for range 40 * 24 {
		require.NoError(t, b.Failed(t.Context(), key, "S", time.Hour)())
		c.advance(time.Hour)
		require.NoError(t, b.Sweep(t.Context()))
		require.Equal(t, first, due(t, b, c, key, "S", interval))
	}
}

func TestSweepForgetsNothingWhereTheClockJumped(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	c.advance(time.Duration(today))
	b, _ := open(t, m, c)
	require.NoError(t, b.Accepted(t.Context(), NewKey("i-1", "S"), "S", 12*time.Hour)())
	b.since = func(time.Time) time.Duration { return time.Hour } // the monotonic clock
	c.advance(time.Duration(year))
	require.NoError(t, b.Sweep(t.Context()))
	c.advance(-time.Duration(year) + time.Hour)
	require.NoError(t, b.Sweep(t.Context()))
	assert.Len(t, m.values, 1)
	c.advance(time.Hour)
	require.NoError(t, b.Sweep(t.Context()))
	assert.Len(t, m.values, 1, "it is not old")
}

func TestTurns(t *testing.T) {
	b, _ := open(t, &memory{values: map[string][]byte{}}, &clock{})
	key := NewKey("i-1", "S")
	var inside, most atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			giveBack, err := b.Turn(context.Background(), key)
			if !assert.NoError(t, err) {
				return
			}
			most.Store(max(most.Load(), inside.Add(1)))
			inside.Add(-1)
			giveBack()
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, most.Load())
	assert.Empty(t, b.turns.taken)

	giveBack, err := b.Turn(t.Context(), key)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.Turn(ctx, key)
	require.ErrorIs(t, err, context.Canceled)
	other, err := b.Turn(t.Context(), NewKey("i-2", "S"))
	require.NoError(t, err)
	other()
	giveBack()
}

func TestOwner(t *testing.T) {
	assert.NotEqual(t, NewKey("ab", "c"), NewKey("a", "bc"))
	assert.Equal(t, "024bc46540533e68d95c0058765475b1", NewKey("i-1", "STARTUP_STATS").String(), "it is what stands in storage: another hash is another recordVersion")
	key := NewKey(strings.Repeat("x", 1024), "S")
	parsed, err := parseKey(key.String())
	require.NoError(t, err)
	assert.Equal(t, key, parsed)
	for _, stray := range []string{"", "00", Key{}.String(), key.String() + "00", strings.Repeat("zz", 16)} {
		_, err := parseKey(stray)
		require.Error(t, err, stray)
	}
}

var errUnreadable = errors.New("the disk is gone")

func TestUnreadableStorage(t *testing.T) {
	m, c := &memory{values: map[string][]byte{}}, &clock{}
	b, _ := open(t, m, c)
	m.broken = errUnreadable
	_, err := b.Wait(t.Context(), NewKey("i-1", "S"), "S", time.Hour)
	require.ErrorIs(t, err, errUnreadable, "what is not known is not sent")
}
