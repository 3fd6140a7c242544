// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/state"
)

// tenancy is how long an installation keeps its place after its last report: an
// application that was installed anew gets in after that.
const tenancy = 30 * 24 * time.Hour

const (
	tenantsKey     = "installations"
	tenantsVersion = 1
)

// tenants are the installations whose reports are taken in, where their number is
// bounded: a relay beside one application passes on nobody else's. Nil admits all.
type tenants struct {
	max int
	now func() time.Time

	mutex   sync.Mutex
	store   state.Store
	notices oncelog.Log
	// seen is when each was last stored as seen, by a hash of its id.
	seen map[string]time.Time
}

func newTenants(most int, now func() time.Time) *tenants {
	if most == 0 {
		return nil
	}
	return &tenants{max: most, now: now, seen: map[string]time.Time{}}
}

func (t *tenants) load(ctx context.Context, store state.Store, log *zap.Logger) error {
	if t == nil {
		return nil
	}
	t.store, t.notices.Logger = store, log
	_, err := store.Load(ctx, tenantsKey, tenantsVersion, &t.seen)
	return err
}

// admit reports whether the installation has a place, or takes a free one.
func (t *tenants) admit(id string) bool {
	if t == nil {
		return true
	}
	hash := sha256.Sum256([]byte(id))
	who, now := hex.EncodeToString(hash[:16]), t.now()
	t.mutex.Lock()
	defer t.mutex.Unlock()
	last, known := t.seen[who]
	if known && now.Sub(last).Abs() < time.Hour {
		return true
	}
	if !known {
		for other, at := range t.seen {
			if now.Sub(at) >= tenancy {
				delete(t.seen, other)
			}
		}
		if len(t.seen) >= t.max {
			t.notices.Warn("max_installations", "Reports of other installations are refused: max_installations is reached. If the application was installed anew, remove this component's file from the storage directory")
			return false
		}
	}
	t.seen[who] = now
	// Where it cannot be stored, the place is taken again after a restart by whoever is first.
	err := t.store.Save(context.Background(), tenantsKey, tenantsVersion, t.seen)
	t.notices.Note(err != nil, "The installations that are taken in cannot be stored", "The installations that are taken in are stored again", zap.Error(err))
	return true
}
