// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "context"

// Withdrawal is a Consent that the operator can take back while the program runs.
type Withdrawal interface {
	Consent
	// OnWithdrawal has discard called whenever consent is withdrawn, after Mode
	// has become Off: a receiver discards the id that it generated, an exporter
	// its queue. It is called at once, before OnWithdrawal returns, when an
	// earlier withdrawal was cut short. discard may be called more than once,
	// from any goroutine, and never after forget has returned.
	OnWithdrawal(discard func(context.Context) error) (forget func())
}

// OnWithdrawal registers discard where consent can be withdrawn; elsewhere nothing calls it.
// Call forget before what discard works on is closed.
func OnWithdrawal(consent Consent, discard func(context.Context) error) (forget func()) {
	if revocable, ok := consent.(Withdrawal); ok {
		return revocable.OnWithdrawal(discard)
	}
	return func() {}
}
