// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"maps"
	"slices"
	"sync"
)

// listeners are told when the mode changes.
type listeners struct {
	mu     sync.Mutex
	next   int
	listed map[int]func()
}

func (l *listeners) add(changed func()) (forget func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listed == nil {
		l.listed = map[int]func(){}
	}
	id := l.next
	l.next++
	l.listed[id] = changed
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.listed, id)
	}
}

// tell calls each in the order in which they came; one that is being told is not forgotten meanwhile.
func (l *listeners) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(l.listed)) {
		l.listed[id]()
	}
}
