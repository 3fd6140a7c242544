// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/config/configoptional"
)

// cells is the size of the table that installations share: 512 KiB, however many ids come.
const cells = 1 << 16

// limits are the receiver's rate limits.
type limits struct {
	all, each, addresses *limiter
}

func newLimits(cfg RateLimit, now func() time.Time) limits {
	return limits{all: newLimiter(cfg.Total, 1, now), each: newLimiter(cfg.Installation, cells, now), addresses: newLimiter(cfg.Address, cells, now)}
}

// total admits one stat, or says when to try again.
func (l limits) total() time.Duration { return l.all.admit("") }

// installation admits one stat of the installation id, or says when to try again.
func (l limits) installation(id string) time.Duration { return l.each.admit(id) }

// address admits one request from a remote address, or says when to try again. It is
// cut to its network, and goes nowhere but into a hash under a seed that is never
// stored. This machine itself, and so a proxy on it, has no limit.
func (l limits) address(remote string) time.Duration {
	if l.addresses == nil {
		return 0
	}
	from, err := netip.ParseAddrPort(remote)
	if err != nil || from.Addr().IsLoopback() {
		return 0
	}
	bits := 56
	address := from.Addr().Unmap()
	if address.Is4() {
		bits = 24
	}
	network, _ := address.WithZone("").Prefix(bits) // both lengths are valid
	return l.addresses.admit(network.String())
}

// limiter is the generic cell rate algorithm (ITU-T I.371) over a fixed table of
// cells. Ids share a cell where their hash under a random seed does, so nobody
// can choose whom to share one with. A nil limiter admits all.
type limiter struct {
	spacing   time.Duration
	tolerance time.Duration
	seed      maphash.Seed
	start     time.Time
	now       func() time.Time
	// due holds each cell's theoretical arrival time, in nanoseconds since start.
	due []atomic.Int64
}

func newLimiter(rate configoptional.Optional[Rate], size int, now func() time.Time) *limiter {
	r := rate.Get()
	if r == nil {
		return nil
	}
	spacing := r.Per / time.Duration(r.Requests)
	return &limiter{spacing: spacing, tolerance: r.Per - spacing, seed: maphash.MakeSeed(), start: now(), now: now, due: make([]atomic.Int64, size)}
}

func (l *limiter) admit(id string) time.Duration {
	if l == nil {
		return 0
	}
	cell := &l.due[maphash.String(l.seed, id)%uint64(len(l.due))]
	now := int64(l.now().Sub(l.start))
	for {
		due := cell.Load()
		arrival := max(due, now)
		if early := time.Duration(arrival-now) - l.tolerance; early > 0 {
			return early
		}
		if cell.CompareAndSwap(due, arrival+int64(l.spacing)) {
			return 0
		}
	}
}
