// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"fmt"
)

// The shards of the first version: JSON, with numbers and texts in one record.

const oldShardVersion = 1

type oldShard struct {
	Aggregates    []string          `json:"figures"`
	Installations []oldInstallation `json:"installations"`
}

type oldInstallation struct {
	Identity []byte      `json:"identity"`
	Seen     seconds     `json:"seen"`
	Answers  []oldAnswer `json:"answers,omitempty"`
}

type oldAnswer struct {
	Aggregate int     `json:"figure"`
	At        seconds `json:"at"`
	Number    float64 `json:"number,omitempty"`
	Text      string  `json:"text,omitempty"`
}

// loadOld takes in a shard of the first version, and reports whether there was one.
func (m *memory) loadOld(ctx context.Context, shard int, fleet *installations) (bool, error) {
	var record oldShard
	found, err := m.store.Load(ctx, oldShardKey(shard), oldShardVersion, &record)
	if err != nil || !found {
		return false, err
	}
	index := map[string]int{}
	for at, each := range m.of.all {
		index[each.key] = at
	}
	for _, each := range record.Installations {
		var who identity
		copy(who[:], each.Identity)
		at, known, ok := fleet.find(who)
		if !ok {
			continue
		}
		fleet.see(at, known, each.Seen)
		for _, a := range each.Answers {
			if a.Aggregate < 0 || a.Aggregate >= len(record.Aggregates) {
				continue
			}
			aggregate, told := index[record.Aggregates[a.Aggregate]]
			switch {
			case !told:
			case fleet.kinds[aggregate] == aText:
				fleet.put(at, aggregate, answer{kind: aText, text: a.Text}, a.At)
			case fleet.kinds[aggregate] == aNumber:
				fleet.put(at, aggregate, answer{kind: aNumber, number: a.Number}, a.At)
			}
		}
	}
	return true, nil
}

func oldShardKey(shard int) string { return fmt.Sprintf("installations/%02x", shard) }
