// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// Notices are the warnings that earlier runs have given: cron mails each run's. It is
// what trust.OneShot asks for.
type Notices struct {
	until Until
	mode  func() (trust.Mode, string)

	mu    sync.Mutex
	given map[string]string // a fingerprint of the words, by subject
	hold  map[string]string // the words that still hold, by subject
}

// NewNotices are those of a program that waits for until, and of which mode is the consent in force.
func NewNotices(until Until, mode func() (trust.Mode, string)) *Notices {
	return &Notices{until: until, mode: mode}
}

const (
	noticesKey     = "notices"
	noticesVersion = 1
)

// Restore reads what earlier runs have said. What cannot be read is said again.
func (n *Notices) Restore(ctx context.Context, store state.Store) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var stored map[string]string
	if _, err := store.Load(ctx, noticesKey, noticesVersion, &stored); err != nil {
		return
	}
	for subject, words := range stored {
		if _, newer := n.given[subject]; !newer {
			n.give(subject, words)
		}
	}
}

// Save stores what was said.
func (n *Notices) Save(ctx context.Context, store state.Store) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.given) == 0 {
		return nil
	}
	return store.Save(ctx, noticesKey, noticesVersion, n.given)
}

// Concludes implements trust.OneShot: the end of a run that delivers says what became of each stat.
func (n *Notices) Concludes() bool { return n.until == Delivered }

// News implements trust.OneShot: the words about a subject are other ones than the
// last. Where nothing may leave there is nothing to warn of; a run that shows remembers nothing.
func (n *Notices) News(subject, words string) bool {
	n.note(subject, words)
	if n.until != Delivered {
		return words != ""
	}
	if mode, _ := n.mode(); mode != trust.On {
		return false
	}
	sum := sha256.Sum256([]byte(words))
	said := hex.EncodeToString(sum[:8])
	if words == "" {
		said = ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.given[subject] == said {
		return false
	}
	n.give(subject, said)
	return words != ""
}

// Holding are the warnings that still hold, in the order of their subjects.
func (n *Notices) Holding() (warnings []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, subject := range slices.Sorted(maps.Keys(n.hold)) {
		warnings = append(warnings, strings.Split(n.hold[subject], "\n")...)
	}
	return warnings
}

func (n *Notices) note(subject, words string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hold == nil {
		n.hold = map[string]string{}
	}
	if n.hold[subject] = words; words == "" {
		delete(n.hold, subject)
	}
}

// give notes a fingerprint. The caller holds mu.
func (n *Notices) give(subject, said string) {
	if n.given == nil {
		n.given = map[string]string{}
	}
	n.given[subject] = said
}
