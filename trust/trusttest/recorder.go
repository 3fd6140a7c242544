// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trusttest

import (
	"bytes"
	"slices"
	"sync"

	"github.com/headcount-otel/headcount/trust"
)

// Recorder is an observer that records what it is told of single reports.
type Recorder struct {
	trust.NopObserver
	mu         sync.Mutex
	refusal    error
	sending    int
	deliveries []trust.Delivery
	unsent     []trust.Unsent
	received   []string
}

// RefuseSending has Sending answer with err from now on; nil lets it record again.
func (r *Recorder) RefuseSending(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = err
}

// Sending implements trust.Observer.
func (r *Recorder) Sending(trust.Delivery) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sending++
	return r.refusal
}

// CountSending counts the attempts that were to be recorded, the refused ones too.
func (r *Recorder) CountSending() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sending
}

// Delivered implements trust.Observer.
func (r *Recorder) Delivered(d trust.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d.Body = bytes.Clone(d.Body)
	r.deliveries = append(r.deliveries, d)
}

// AllDeliveries are the attempts so far, in their order.
func (r *Recorder) AllDeliveries() []trust.Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.deliveries)
}

// Unsent implements trust.Observer.
func (r *Recorder) Unsent(u trust.Unsent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsent = append(r.unsent, u)
}

// CountUnsent counts the stats that were not sent for a reason.
func (r *Recorder) CountUnsent(reason trust.Reason) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range r.unsent {
		if u.Reason == reason {
			n++
		}
	}
	return n
}

// Received implements trust.Observer.
func (r *Recorder) Received(body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received = append(r.received, string(body))
}

// AllReceived are the bodies that a receiver accepted so far, in their order.
func (r *Recorder) AllReceived() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.received)
}
