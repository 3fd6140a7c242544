// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"cmp"
	"context"
	"fmt"

	"github.com/headcount-otel/headcount/state"
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

// loadOld takes in those of the shards that are of the first version, and has them written anew.
func (m *memory) loadOld(ctx context.Context, absent []int, fleet *installations) error {
	keys, shardOf := make([]string, len(absent)), map[string]int{}
	for i, shard := range absent {
		keys[i] = oldShardKey(shard)
		shardOf[keys[i]] = shard
	}
	var garbled error
	err := state.LoadEach(ctx, m.store, oldShardVersion, keys, func(key string, record oldShard, damage error) {
		if damage != nil {
			garbled = cmp.Or(garbled, damage)
			return
		}
		m.takeIn(record, fleet)
		m.changed[shardOf[key]] = true
	})
	return cmp.Or(err, garbled)
}

func (m *memory) takeIn(record oldShard, fleet *installations) {
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
}

func oldShardKey(shard int) string { return fmt.Sprintf("installations/%02x", shard) }
