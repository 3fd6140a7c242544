// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An installation with twenty aggregates takes no more than 220 bytes, whatever the size of the fleet.
func TestBytesOfAnInstallation(t *testing.T) {
	const fleetSize, aggregates = 200_000, 20
	kinds := make([]answerKind, aggregates)
	for i := range kinds {
		kinds[i] = []answerKind{aNumber, aText}[i%2]
	}
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	fleet := newInstallations(fleetSize, kinds)
	for n := range fleetSize {
		var who identity
		binary.BigEndian.PutUint64(who[:], uint64(n)*0x9e3779b97f4a7c15)
		at, known, _ := fleet.find(who)
		fleet.see(at, known, seconds(1_790_000_000+n))
		for i := range kinds {
			a := answer{kind: aNumber, number: float64(n * 10)}
			if kinds[i] == aText {
				a = answer{kind: aText, text: [...]string{"5.3", "5.2", "postgresql"}[n%3]}
			}
			fleet.put(at, i, a, seconds(1_790_000_000+n))
		}
	}
	each := float64(heap()-before) / fleetSize
	runtime.KeepAlive(fleet)
	assert.LessOrEqual(t, each, 220.)
	t.Logf("%.0f bytes an installation", each)
}
