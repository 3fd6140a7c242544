// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"sync"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// Beyond this many, draws are made again each time: they come out the same.
const maxDraws = 100_000

// draws remembers what was drawn, in this process alone: making it again costs a
// hash and the set-up of a stream of random bytes.
type draws struct {
	mutex sync.RWMutex
	made  map[string]int64
}

// Sticky implements rule.Memory.
func (m *memory) Sticky(d rule.Distribution, of rule.Question) int64 {
	var room [256]byte
	key := of.AppendKey(room[:0])
	m.drawn.mutex.RLock()
	drawn, met := m.drawn.made[string(key)]
	m.drawn.mutex.RUnlock()
	if met {
		return drawn
	}
	drawn = d.Sample(m.secret.Draw(of.Parts()...))
	m.drawn.mutex.Lock()
	defer m.drawn.mutex.Unlock()
	if m.drawn.made == nil {
		m.drawn.made = map[string]int64{}
	}
	if len(m.drawn.made) < maxDraws {
		m.drawn.made[string(key)] = drawn
	}
	return drawn
}

// forget is for another secret.
func (d *draws) forget() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.made = nil
}
