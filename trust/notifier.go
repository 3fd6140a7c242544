// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

// Notifier is a Consent that says when its mode changes.
type Notifier interface {
	Consent
	// OnChange has changed called after each change of the mode, before the one
	// who made it is answered: a receiver that must not listen any more has ended
	// by then. It is called from any goroutine, and never after forget has returned.
	OnChange(changed func()) (forget func())
}

// OnChange registers changed where the consent can change; elsewhere nothing calls it.
func OnChange(consent Consent, changed func()) (forget func()) {
	if notifier, ok := consent.(Notifier); ok {
		return notifier.OnChange(changed)
	}
	return func() {}
}
