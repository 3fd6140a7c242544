// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"time"

	"go.opentelemetry.io/collector/component"
)

// NopObserver observes nothing. Embedded, it lets an observer name only the events that it wants.
type NopObserver struct{}

var _ Observer = NopObserver{}

// Anonymized does nothing.
func (NopObserver) Anonymized([]Field) {}

// Promises does nothing.
func (NopObserver) Promises(Destination) {}

// Sending does nothing.
func (NopObserver) Sending(Delivery) error { return nil }

// Delivered does nothing.
func (NopObserver) Delivered(Delivery) {}

// Unsent does nothing.
func (NopObserver) Unsent(Unsent) {}

// Due does nothing.
func (NopObserver) Due(string, time.Time) {}

// ReadsNext does nothing.
func (NopObserver) ReadsNext(component.ID, time.Time) {}

// Unread does nothing.
func (NopObserver) Unread(Unread) {}

// Received does nothing.
func (NopObserver) Received([]byte) {}

// Observers is a fan-out: it tells each of its members, in order.
type Observers []Observer

var _ Observer = Observers(nil)

// Anonymized implements Observer.
func (o Observers) Anonymized(fields []Field) {
	for _, observer := range o {
		observer.Anonymized(fields)
	}
}

// Promises implements Observer.
func (o Observers) Promises(d Destination) {
	for _, observer := range o {
		observer.Promises(d)
	}
}

// Sending implements Observer; the first that cannot record the body speaks for all.
func (o Observers) Sending(d Delivery) error {
	for _, observer := range o {
		if err := observer.Sending(d); err != nil {
			return err
		}
	}
	return nil
}

// Delivered implements Observer.
func (o Observers) Delivered(d Delivery) {
	for _, observer := range o {
		observer.Delivered(d)
	}
}

// Unsent implements Observer.
func (o Observers) Unsent(u Unsent) {
	for _, observer := range o {
		observer.Unsent(u)
	}
}

// Due implements Observer.
func (o Observers) Due(stat string, next time.Time) {
	for _, observer := range o {
		observer.Due(stat, next)
	}
}

// Received implements Observer.
func (o Observers) Received(body []byte) {
	for _, observer := range o {
		observer.Received(body)
	}
}

// ReadsNext implements Observer.
func (o Observers) ReadsNext(receiver component.ID, next time.Time) {
	for _, observer := range o {
		observer.ReadsNext(receiver, next)
	}
}

// Unread implements Observer.
func (o Observers) Unread(u Unread) {
	for _, observer := range o {
		observer.Unread(u)
	}
}
