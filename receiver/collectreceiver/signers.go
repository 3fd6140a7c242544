// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/state"
)

const (
	signerPrefix  = "signer_"
	signerVersion = 1
	// signerGrain: an installation is noted as seen no more often.
	signerGrain = 24 * time.Hour
)

// signers are the keys of the installations whose reports are signed, by hashes of their ids.
type signers struct {
	retention time.Duration
	max       int
	tolerance time.Duration
	now       func() time.Time
	store     state.Store
	notices   oncelog.Log

	mu    sync.Mutex
	known map[hash]signer
	// swept is when what is over was last looked for.
	swept time.Time
}

// hash is the first half of a SHA-256.
type hash [16]byte

func hashOf(data []byte) hash {
	sum := sha256.Sum256(data)
	return hash(sum[:len(hash{})])
}

// signer is an installation's key, and when it last reported.
type signer struct {
	key  hash
	seen int64 // Unix seconds
}

// signerRecord is a signer as it is stored.
type signerRecord struct {
	Key  []byte `json:"key"`
	Seen int64  `json:"seen"`
}

func newSigners(cfg Signatures, idempotency time.Duration, now func() time.Time) *signers {
	return &signers{
		retention: cfg.Retention, max: cfg.MaxKeys, tolerance: toleranceFor(idempotency),
		now: now, notices: oncelog.Log{Logger: zap.NewNop()}, known: map[hash]signer{},
	}
}

// load reads the keys that were bound before a restart. Without one of them somebody else
// could take its installation's place, so that damage is an error.
func (s *signers) load(ctx context.Context, store state.Store, log *zap.Logger) error {
	s.store, s.notices.Logger = store, log
	var damage error
	_, err := state.Walk(ctx, store, signerVersion, func(name string, record signerRecord, damaged error) {
		id, ours := strings.CutPrefix(name, signerPrefix)
		if !ours {
			return
		}
		of, err := hex.DecodeString(id)
		switch {
		case damaged != nil:
			damage = damaged
		case err != nil, len(of) != len(hash{}), len(record.Key) != len(hash{}):
			damage = fmt.Errorf("stored state %q is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew", name)
		default:
			s.known[hash(of)] = signer{hash(record.Key), record.Seen}
		}
	})
	return errors.Join(err, damage)
}

// knows reports whether the installation has a key.
func (s *signers) knows(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.known[hashOf([]byte(id))]
	return known && !s.isOver(found)
}

// admits reports whether the installation has this key, or none.
func (s *signers) admits(id string, key ed25519.PublicKey) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.known[hashOf([]byte(id))]
	return !known || s.isOver(found) || found.key == hashOf(key)
}

// bind reports whether the key is the installation's. Where it has none yet, this is its key
// from now on, and stored before bind returns.
func (s *signers) bind(id string, key ed25519.PublicKey) bool {
	of, mine := hashOf([]byte(id)), signer{hashOf(key), s.now().Unix()}
	mine, changed, bound := s.note(of, mine)
	if changed {
		err := s.store.Save(context.Background(), signerPrefix+hex.EncodeToString(of[:]), signerVersion, signerRecord{mine.key[:], mine.seen})
		s.noteHealth(err)
	}
	return bound
}

func (s *signers) note(of hash, mine signer) (noted signer, changed, bound bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.known[of]
	switch known = known && !s.isOver(found); {
	case known && found.key != mine.key:
		return found, false, false
	case known && mine.seen-found.seen < int64(signerGrain/time.Second), !known && !s.hasRoom():
		return found, false, true
	}
	s.known[of] = mine
	return mine, true, true
}

func (s *signers) isOver(of signer) bool {
	return s.now().Sub(time.Unix(of.seen, 0)) >= s.retention
}

// hasRoom makes room of what is over, at most hourly.
func (s *signers) hasRoom() bool {
	if len(s.known) < s.max {
		return true
	}
	if now := s.now(); now.Sub(s.swept).Abs() >= time.Hour {
		s.swept = now
		var over []string
		for of, signer := range s.known {
			if s.isOver(signer) {
				delete(s.known, of)
				over = append(over, signerPrefix+hex.EncodeToString(of[:]))
			}
		}
		if err := s.store.Delete(context.Background(), over...); err != nil {
			s.notices.Logger.Warn("The keys of installations that report no more cannot be removed", zap.Error(err))
		}
	}
	if len(s.known) < s.max {
		s.notices.Ends("signatures::max_keys")
		return true
	}
	s.notices.Warn("signatures::max_keys", "signatures::max_keys is reached: new installations get no key, and whoever knows their id can report under it", zap.Int("max_keys", s.max))
	return false
}

// noteHealth says when keys begin not to be stored, and when they are again.
func (s *signers) noteHealth(err error) {
	s.notices.Note(err != nil, "The keys of installations cannot be stored; after a restart others may take their place",
		"The keys of installations are stored again", zap.Error(err))
}
