// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/state"
)

// Keys and versions of what the anonymizer stores.
const (
	secretKey  = "secret"
	bucketsKey = "buckets"
	drawsKey   = "draws"
	termsKey   = "periods"

	stateVersion = 1
)

// Beyond this many keys, ranges are no longer remembered: they flap.
const maxBuckets = 10_000

// A rule drawn anew more than once in this time is warned of.
const redrawWindow = 365 * 24 * time.Hour

// memory is what sticky rules need to give the same answers for ever.
type memory struct {
	now    func() time.Time
	random io.Reader // for what is drawn anew each time
	wanted bool      // some rule needs the secret

	// using is held for reading by each batch, for writing by what discards.
	using sync.RWMutex

	opening    sync.Mutex // guards recalled
	recalled   bool
	parameters map[string]string
	open       func(context.Context) (state.Store, error)

	store  state.Store
	mutex  sync.Mutex
	secret mechanism.Secret
	made   bool // the secret is stored

	buckets map[string]int // the range of each key, by a name only the secret can make
	moved   bool           // since the last save

	draws map[string]draw
	drawn draws

	renames map[rule.Period]bool // the periods of pseudonyms
	terms   map[rule.Period]term
	turned  bool // since they were stored

	join   func(mechanism.Secret) (*sharing, error)
	shared *sharing // with the other anonymizers on the storage
	leave  func()
}

// draw is what a rule drew with, and when that changed.
type draw struct {
	Parameters string      `json:"parameters"`
	Changed    []time.Time `json:"changed,omitempty"`
}

type secretRecord struct {
	Secret []byte `json:"secret"`
}

// use keeps what is remembered as it is until done is called.
func (m *memory) use() (done func()) {
	m.using.RLock()
	return m.using.RUnlock
}

// recall opens the storage and loads what is there, the first time that it is called.
func (m *memory) recall(ctx context.Context) error {
	if !m.wanted {
		return nil
	}
	m.opening.Lock()
	defer m.opening.Unlock()
	if m.recalled {
		return nil
	}
	store, err := m.open(ctx)
	if err != nil {
		return err
	}
	err = m.load(ctx, store, m.parameters)
	if err == nil {
		m.shared, err = m.join(m.secret)
	}
	if err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	m.recalled = true
	return nil
}

// discard forgets the secret and all that was drawn with it: consent is withdrawn.
// What comes after a new consent is another installation's.
func (m *memory) discard(ctx context.Context) error {
	m.using.Lock()
	defer m.using.Unlock()
	if !m.wanted {
		return nil
	}
	if !m.recalled { // an earlier withdrawal was cut short
		store, err := m.open(ctx)
		if err != nil {
			return err
		}
		return errors.Join(store.Forget(ctx, secretKey, bucketsKey, drawsKey, termsKey), store.Close(ctx))
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.secret, m.made, m.moved = mechanism.Secret{}, false, false
	m.buckets, m.draws, m.terms = map[string]int{}, map[string]draw{}, map[rule.Period]term{}
	m.drawn.forget()
	m.shared.forget()
	m.redraw(m.parameters)
	return m.store.Forget(ctx, secretKey, bucketsKey, drawsKey, termsKey)
}

// load reads what is stored and makes nothing: until data comes, nothing may be written.
// A secret that cannot be read is an error, never made anew: that would be a second
// draw for the same installation.
func (m *memory) load(ctx context.Context, store state.Store, parameters map[string]string) error {
	m.store = store
	m.buckets, m.draws, m.terms = map[string]int{}, map[string]draw{}, map[rule.Period]term{}
	var record secretRecord
	found, err := store.Load(ctx, secretKey, stateVersion, &record)
	if err != nil {
		return err
	}
	if !found { // a first start: whatever else is stored belonged to another secret
		m.redraw(parameters)
		return nil
	}
	if len(record.Secret) != len(m.secret) || bytes.Equal(record.Secret, make([]byte, len(m.secret))) {
		return errors.New(`stored state "secret" is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew, as a new installation`)
	}
	m.made = true
	copy(m.secret[:], record.Secret)
	if _, err := store.Load(ctx, bucketsKey, stateVersion, &m.buckets); err != nil {
		return err
	}
	if _, err := store.Load(ctx, drawsKey, stateVersion, &m.draws); err != nil {
		return err
	}
	if _, err := store.Load(ctx, termsKey, stateVersion, &m.terms); err != nil {
		return err
	}
	m.redraw(parameters)
	return nil
}

// redraw notes the rules whose parameters changed: their draws are new ones.
func (m *memory) redraw(parameters map[string]string) {
	earlier := maps.Clone(m.draws)
	for name, now := range parameters {
		before, met := earlier[name]
		if met && before.Parameters != now {
			before.Changed = append(before.Changed, m.now().UTC())
			m.made = false // the record has to be stored before the first new draw
		}
		if !met {
			m.made = false
			before.Changed = m.inherit(name, now, earlier)
		}
		before.Parameters = now
		m.draws[name] = before
	}
}

// inherit is when the draws of a new rule changed: they do now, where names that it matches had a rule with other
// parameters before.
func (m *memory) inherit(name, now string, earlier map[string]draw) (changed []time.Time) {
	other := false
	for rule, before := range earlier {
		if intersect(name, rule) {
			changed = append(changed, before.Changed...)
			other = other || before.Parameters != now
		}
	}
	if other {
		changed = append(changed, m.now().UTC())
	}
	return changed
}

// redrawn lists the rules that changed more than once within the window.
func (m *memory) redrawn() (names []string) {
	for name, d := range m.draws {
		recent := 0
		for _, at := range d.Changed {
			if m.now().Sub(at) < redrawWindow {
				recent++
			}
		}
		if recent > 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// begin makes the secret where there is none, and stores it before anything is drawn; likewise
// the periods of pseudonyms.
func (m *memory) begin(ctx context.Context) error {
	if !m.wanted {
		return nil
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if !m.made {
		if err := m.make(ctx); err != nil {
			return err
		}
	}
	if m.turned = m.turn() || m.turned; !m.turned {
		return nil
	}
	if err := m.store.Save(ctx, termsKey, stateVersion, m.terms); err != nil {
		return err
	}
	m.turned = false
	return nil
}

// make stores the secret, and what is drawn with.
func (m *memory) make(ctx context.Context) error {
	if m.secret == (mechanism.Secret{}) {
		secret, err := m.shared.obtain()
		if err != nil {
			return err
		}
		m.secret = secret
	}
	if err := m.store.Save(ctx, secretKey, stateVersion, secretRecord{m.secret[:]}); err != nil {
		return err
	}
	if err := m.store.Save(ctx, drawsKey, stateVersion, m.draws); err != nil {
		return err
	}
	m.made = true
	return nil
}

var _ rule.Memory = (*memory)(nil)

// Fresh implements rule.Memory.
func (m *memory) Fresh(d rule.Distribution) int64 { return d.Sample(m.random) }

// Range implements rule.Memory: the range of x, given the one before.
func (m *memory) Range(b mechanism.Buckets, of rule.Question, x int64) int {
	key := m.secret.Pseudonym(of.Parts()...)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	before, met := m.buckets[key]
	if !met {
		before = b.Index(x)
	}
	after := b.Next(before, x)
	if met && after != before || !met && len(m.buckets) < maxBuckets {
		m.buckets[key] = after
		m.moved = true
	}
	return after
}

// end stores what changed, before the batch goes on.
func (m *memory) end(ctx context.Context) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if !m.moved {
		return nil
	}
	if err := m.store.Save(ctx, bucketsKey, stateVersion, m.buckets); err != nil {
		return err
	}
	m.moved = false
	return nil
}

func (m *memory) close(ctx context.Context) error {
	if m.shared != nil {
		m.leave()
	}
	store := m.store
	m.store = state.Store{}
	return store.Close(ctx)
}
