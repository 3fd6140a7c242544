// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"unique"

	"github.com/headcount-otel/headcount/state"
)

const (
	stateVersion = 1
	keyKey       = "key"
	// shards are the parts in which the fleet is stored, so that a few reports are a small write.
	shards = 256
)

// keyRecord is the key of all identities.
type keyRecord struct {
	Key []byte `json:"key"`
}

// shardRecord is the installations whose identities begin with one byte.
type shardRecord struct {
	Figures       []string             `json:"figures"`
	Installations []installationRecord `json:"installations"`
}

type installationRecord struct {
	Identity []byte         `json:"identity"`
	Seen     seconds        `json:"seen"`
	Answers  []answerRecord `json:"answers,omitempty"`
}

// answerRecord is an answer to the figure at an index of the shard's list.
type answerRecord struct {
	Figure int     `json:"figure"`
	At     seconds `json:"at"`
	Number float64 `json:"number,omitempty"`
	Text   string  `json:"text,omitempty"`
}

// loadInstallations reads the fleet, or begins a new one: with a new key, what was
// known under another one has no names any more.
func loadInstallations(ctx context.Context, store state.Store, limit int, f figures) (*installations, error) {
	fleet := &installations{max: limit, figures: len(f.all), known: map[identity]*installation{}}
	var record keyRecord
	found, err := store.Load(ctx, keyKey, stateVersion, &record)
	if err != nil {
		return nil, err
	}
	if !found {
		fleet.key = make([]byte, 32)
		_, _ = rand.Read(fleet.key) // never fails
		return fleet, store.Save(ctx, keyKey, stateVersion, keyRecord{fleet.key})
	}
	if fleet.key = record.Key; len(fleet.key) != 32 {
		return nil, errors.New(`stored state "key" is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew`)
	}
	places := map[string]int{}
	for place, figure := range f.all {
		places[figure.key] = place
	}
	for shard := range shards {
		var record shardRecord
		if _, err := store.Load(ctx, shardKey(shard), stateVersion, &record); err != nil {
			return nil, err
		}
		for _, each := range record.Installations {
			var who identity
			if copy(who[:], each.Identity); len(fleet.known) < fleet.max {
				fleet.known[who] = each.installation(record.Figures, places)
			}
		}
	}
	return fleet, nil
}

// installation is the one of the record, with those answers that are of a figure still.
func (r installationRecord) installation(names []string, places map[string]int) *installation {
	known := &installation{seen: r.Seen, answers: make([]answer, len(places))}
	for _, a := range r.Answers {
		if a.Figure < 0 || a.Figure >= len(names) {
			continue
		}
		if place, told := places[names[a.Figure]]; told {
			known.answers[place] = answer{a.Number, unique.Make(a.Text), a.At}
		}
	}
	return known
}

// takeChanged are the records of the shards that changed since they were last taken.
func (i *installations) takeChanged(f figures) map[int]*shardRecord {
	records := map[int]*shardRecord{}
	for shard, changed := range i.changed {
		if changed {
			records[shard] = &shardRecord{Figures: f.keys()}
		}
	}
	i.changed = [shards]bool{}
	if len(records) == 0 {
		return nil
	}
	for who, known := range i.known {
		if record, changed := records[int(who[0])]; changed {
			record.Installations = append(record.Installations, known.record(who))
		}
	}
	return records
}

func (i *installation) record(who identity) installationRecord {
	r := installationRecord{Identity: who[:], Seen: i.seen}
	for place, a := range i.answers {
		if a.at > 0 {
			r.Answers = append(r.Answers, answerRecord{place, a.at, a.number, a.words()})
		}
	}
	return r
}

// save stores the shards, and leaves in records those that could not be stored.
func save(ctx context.Context, store state.Store, records map[int]*shardRecord) error {
	for shard, record := range records {
		if err := store.Save(ctx, shardKey(shard), stateVersion, record); err != nil {
			return err
		}
		delete(records, shard)
	}
	return nil
}

func shardKey(shard int) string { return fmt.Sprintf("installations/%02x", shard) }
