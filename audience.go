// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"time"

	"github.com/headcount-otel/headcount/trust"
)

// audience hands what components tell to all who keep or show a part of it.
type audience []trust.Account

var _ trust.Account = audience(nil)

// Anonymized implements trust.Ledger.
func (a audience) Anonymized(fields []trust.Field) {
	for _, listener := range a {
		listener.Anonymized(fields)
	}
}

// Delivered implements trust.Ledger.
func (a audience) Delivered(d trust.Delivery) {
	for _, listener := range a {
		listener.Delivered(d)
	}
}

// Received implements trust.Ledger.
func (a audience) Received(body []byte) {
	for _, listener := range a {
		listener.Received(body)
	}
}

// Promises implements trust.Account.
func (a audience) Promises(d trust.Destination) {
	for _, listener := range a {
		listener.Promises(d)
	}
}

// Sending implements trust.Account.
func (a audience) Sending(d trust.Delivery) {
	for _, listener := range a {
		listener.Sending(d)
	}
}

// Unsent implements trust.Account.
func (a audience) Unsent(u trust.Unsent) {
	for _, listener := range a {
		listener.Unsent(u)
	}
}

// Due implements trust.Account.
func (a audience) Due(stat string, next time.Time) {
	for _, listener := range a {
		listener.Due(stat, next)
	}
}
