// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
)

// consents are several extensions that all have to agree: the strictest holds,
// each is told what happens, and the withdrawal of any is a withdrawal.
type consents []Consent

var (
	_ Withdrawal = consents(nil)
	_ Notifier   = consents(nil)
	_ Observer   = consents(nil)
	_ OneShot    = consents(nil)
)

// Mode is the smallest of the modes, and the reason of the one that says so.
func (c consents) Mode() (Mode, string) {
	mode, reason := c[0].Mode()
	for _, consent := range c[1:] {
		if m, r := consent.Mode(); m < mode {
			mode, reason = m, r
		}
	}
	return mode, reason
}

// OnWithdrawal implements Withdrawal.
func (c consents) OnWithdrawal(discard func(context.Context) error) (forget func()) {
	return c.each(func(consent Consent) func() { return OnWithdrawal(consent, discard) })
}

// OnChange implements Notifier.
func (c consents) OnChange(changed func()) (forget func()) {
	return c.each(func(consent Consent) func() { return OnChange(consent, changed) })
}

func (c consents) each(register func(Consent) (forget func())) (forget func()) {
	forgets := make([]func(), len(c))
	for i, consent := range c {
		forgets[i] = register(consent)
	}
	return func() {
		for _, forget := range forgets {
			forget()
		}
	}
}

func (c consents) observers() Observers {
	observers := make(Observers, len(c))
	for i, consent := range c {
		observers[i] = ObserverOf(consent)
	}
	return observers
}

// Anonymized implements Observer.
func (c consents) Anonymized(fields []Field) { c.observers().Anonymized(fields) }

// Promises implements Observer.
func (c consents) Promises(d Destination) { c.observers().Promises(d) }

// Sending implements Observer.
func (c consents) Sending(d Delivery) error { return c.observers().Sending(d) }

// Delivered implements Observer.
func (c consents) Delivered(d Delivery) { c.observers().Delivered(d) }

// Unsent implements Observer.
func (c consents) Unsent(u Unsent) { c.observers().Unsent(u) }

// Due implements Observer.
func (c consents) Due(stat string, next time.Time) { c.observers().Due(stat, next) }

// ReadsNext implements Observer.
func (c consents) ReadsNext(receiver component.ID, next time.Time) {
	c.observers().ReadsNext(receiver, next)
}

// Unread implements Observer.
func (c consents) Unread(u Unread) { c.observers().Unread(u) }

// Received implements Observer.
func (c consents) Received(body []byte) { c.observers().Received(body) }
