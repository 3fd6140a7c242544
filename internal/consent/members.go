// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/headcount-otel/headcount/trust"
)

// members are the components that started in this process, and whether they ask.
type members struct {
	mu   sync.Mutex
	asks map[string]bool
}

// Register implements trust.Registrar.
func (h *Holder) Register(member trust.Member, asks bool) {
	h.members.mu.Lock()
	defer h.members.mu.Unlock()
	if h.members.asks == nil {
		h.members.asks = map[string]bool{}
	}
	h.members.asks[member.String()] = asks
}

// Members lists the components that ask this consent, and those that do not, by name.
func (h *Holder) Members() (asking, leftOut []string) {
	h.members.mu.Lock()
	defer h.members.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(h.members.asks)) {
		if h.members.asks[name] {
			asking = append(asking, name)
		} else {
			leftOut = append(leftOut, name)
		}
	}
	return asking, leftOut
}

// Silent lists those of the expected components that never registered, by name.
func (h *Holder) Silent(expected []trust.Member) (silent []string) {
	h.members.mu.Lock()
	defer h.members.mu.Unlock()
	for _, member := range expected {
		if _, registered := h.members.asks[member.String()]; !registered {
			silent = append(silent, member.String())
		}
	}
	slices.Sort(silent)
	return silent
}

// Receivers counts the receivers that ask this consent.
func (h *Holder) Receivers() int {
	asking, _ := h.Members()
	return len(Receivers(asking))
}

// Receivers are those of the members' names that are a receiver's.
func Receivers(members []string) (receivers []string) {
	for _, name := range members {
		if strings.HasPrefix(name, "receiver ") {
			receivers = append(receivers, name)
		}
	}
	return receivers
}
