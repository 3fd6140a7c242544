// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"sync"

	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// maxNotices bounds what is remembered of what was said.
const maxNotices = 1000

// notices remembers what was said, so that each state of things is said once.
type notices struct {
	mu   sync.Mutex
	said map[subject]string
}

// subject of a notice; owner is zero for what concerns no single installation.
type subject struct {
	topic string
	owner pacing.Owner
}

// changed reports whether state is not what was last said of the subject; an
// empty state is that all is well.
func (n *notices) changed(s subject, state string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, said := n.said[s]
	switch {
	case last == state:
		return false
	case state == "":
		delete(n.said, s)
	case !said && len(n.said) >= maxNotices:
		return false
	default:
		n.said[s] = state
	}
	return true
}
