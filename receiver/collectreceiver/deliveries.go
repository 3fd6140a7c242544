// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strconv"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/state"
)

// delivery names one stat of one installation under one Idempotency-Key, by a
// hash: what is remembered is of fixed size and tells nobody's id.
type delivery [16]byte

func newDelivery(stat *collect.Stat, key string) delivery {
	hash := sha256.New()
	for _, part := range [...]string{stat.InstanceID, stat.Name, key} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		hash.Write(length[:])
		hash.Write([]byte(part))
	}
	return delivery(hash.Sum(nil)[:len(delivery{})])
}

// deliveries remembers which deliveries were accepted: the newest ones, for a
// time. It is a ring: acceptance number n lies at n modulo its size.
type deliveries struct {
	retention time.Duration
	now       func() time.Time
	store     state.Store
	notices   oncelog.Log

	mu       sync.Mutex
	ring     []acceptance
	oldest   uint64
	next     uint64
	accepted map[delivery]uint64
	// underway holds a channel for each delivery that is being passed on; it closes when that ends.
	underway map[delivery]chan struct{}
}

// acceptance is one delivery and when it was accepted.
type acceptance struct {
	Delivery delivery `json:"delivery"`
	// Number counts acceptances from 1, through restarts.
	Number uint64 `json:"number"`
	Unix   int64  `json:"unix"`
}

// recordVersion is the version of stored acceptances.
const recordVersion = 1

func newDeliveries(cfg Idempotency, now func() time.Time) *deliveries {
	return &deliveries{
		retention: cfg.Retention,
		oldest:    1,
		next:      1,
		now:       now,
		ring:      make([]acceptance, cfg.MaxKeys),
		accepted:  map[delivery]uint64{},
		underway:  map[delivery]chan struct{}{},
	}
}

// begin reports whether d was accepted before. If it was not, the caller passes
// it on and calls end. While another passes it on, begin waits for the outcome,
// and fails when patience ends before.
func (d *deliveries) begin(patience context.Context, which delivery) (repeated bool, err error) {
	for {
		d.mu.Lock()
		if at, ok := d.accepted[which]; ok && !d.expired(at) {
			d.mu.Unlock()
			return true, nil
		}
		ended, busy := d.underway[which]
		if !busy {
			d.underway[which] = make(chan struct{})
			d.mu.Unlock()
			return false, nil
		}
		d.mu.Unlock()
		select {
		case <-ended:
		case <-patience.Done():
			return false, patience.Err()
		}
	}
}

// end is called after begin, with the outcome.
func (d *deliveries) end(which delivery, accepted bool) {
	if accepted {
		d.remember(which)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.underway[which])
	delete(d.underway, which)
}

func (d *deliveries) remember(which delivery) {
	d.mu.Lock()
	for d.oldest < d.next && (d.next-d.oldest == uint64(len(d.ring)) || d.expired(d.oldest)) {
		if forgotten := d.at(d.oldest).Delivery; d.accepted[forgotten] == d.oldest {
			delete(d.accepted, forgotten)
		}
		d.oldest++
	}
	record := acceptance{which, d.next, d.now().Unix()}
	*d.at(d.next) = record
	d.accepted[which] = d.next
	d.next++
	d.mu.Unlock()

	// The request may be gone by now; the note of it must not be.
	d.noteHealth(d.store.Save(context.Background(), d.key(record.Number), recordVersion, record))
}

// key is the storage key of acceptance number: as many as the ring has places.
func (d *deliveries) key(number uint64) string {
	return strconv.FormatUint(number%uint64(len(d.ring)), 10)
}

func (d *deliveries) at(number uint64) *acceptance { return &d.ring[number%uint64(len(d.ring))] }

func (d *deliveries) expired(number uint64) bool {
	return d.now().Sub(time.Unix(d.at(number).Unix, 0)) >= d.retention
}

// noteHealth says when acceptances begin not to be stored, and when they are again.
func (d *deliveries) noteHealth(err error) {
	d.notices.Note(err != nil, "Accepted Idempotency-Keys cannot be stored; after a restart a repeated report counts twice",
		"Accepted Idempotency-Keys are stored again", zap.Error(err))
}

var errUnlisted = errors.New("storage: this extension cannot list what it holds: write the id of one that can, such as file_storage")

// load reads what was accepted before a restart. A record that cannot be read
// is dropped: at worst one repeated report counts twice.
func (d *deliveries) load(ctx context.Context, store state.Store, logger *zap.Logger) error {
	d.store, d.notices.Logger = store, logger
	damaged, size := 0, uint64(len(d.ring))
	var useless []string
	resized := false
	listed, err := state.Walk(ctx, store, recordVersion, func(key string, record acceptance, damage error) {
		place, err := strconv.ParseUint(key, 10, 64)
		switch {
		case err != nil:
			return // not ours
		case damage != nil:
			damaged++
			useless = append(useless, key)
			return
		case place >= size:
			useless = append(useless, key)
		}
		resized = resized || key != d.key(record.Number)
		if place := d.at(record.Number); record.Number > place.Number {
			*place = record
		}
		d.next = max(d.next, record.Number+1)
	})
	if err != nil {
		return err
	}
	if !listed {
		return errUnlisted
	}
	if damaged > 0 {
		logger.Warn("Some remembered Idempotency-Keys cannot be read; a report that is repeated may count twice", zap.Int("keys", damaged))
	}
	d.oldest = max(1, d.next-min(size, d.next))
	if err := d.recall(ctx, resized); err != nil {
		return err
	}
	return store.Delete(ctx, useless...)
}

// recall knows again what the ring holds and has not expired, and stores it where a ring of another size has its place.
func (d *deliveries) recall(ctx context.Context, resized bool) error {
	for number := d.oldest; number < d.next; number++ {
		record := d.at(number)
		if record.Number != number || d.expired(number) {
			continue
		}
		d.accepted[record.Delivery] = number
		if resized {
			if err := d.store.Save(ctx, d.key(number), recordVersion, record); err != nil {
				return err
			}
		}
	}
	return nil
}
