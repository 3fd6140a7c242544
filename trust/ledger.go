// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"time"

	"go.opentelemetry.io/collector/component"
)

// Ledger is shown what the components read, change, send and receive, for the
// eyes of the person who runs the application. Its methods return at once and
// never fail; they keep no reference to their arguments' memory beyond the call
// unless they copy it.
type Ledger interface {
	// Anonymized tells what became of each field of one resource.
	Anonymized(fields []Field)
	// Delivered tells of one body that was sent, or in a dry run would have been.
	Delivered(d Delivery)
	// Received tells of one body that the collect receiver accepted.
	Received(body []byte)
}

// Field is one value on its way through the anonymizer.
type Field struct {
	// Name of the metric or resource attribute, with data point attributes in braces.
	Name string
	// Read is the raw value: for the operator's eyes only, never stored.
	Read string
	// Rule is the anonymizer's rule in words.
	Rule string
	// Claim says in plain words what the rule promises, and what it does not; empty when the rule says it all.
	Claim string
	// Leaves is the value after the rule; empty when it does not pass.
	Leaves string
	// Passes is false when no rule lets the field through.
	Passes bool
	// Exact is true when the value leaves as it was read.
	Exact bool
}

// Delivery is one attempt to hand a stat to its endpoint.
type Delivery struct {
	// Time of the attempt.
	Time time.Time
	// Stat is the stat's name.
	Stat string
	// Host is the endpoint's host and port, nothing more of its URL.
	Host string
	// Body is the exact body.
	Body []byte
	// Key is the attempt's Idempotency-Key.
	Key string
	// Status is the HTTP status; 0 when there was no answer or nothing was sent.
	Status int
	// DryRun is true when nothing was sent on purpose.
	DryRun bool
}

// Unkept is the ledger of a component that nobody watches.
type Unkept struct{}

// Anonymized does nothing.
func (Unkept) Anonymized([]Field) {}

// Delivered does nothing.
func (Unkept) Delivered(Delivery) {}

// Received does nothing.
func (Unkept) Received([]byte) {}

// LedgerOf finds the extension that a component's `ledger:` key names; a nil id keeps nothing.
func LedgerOf(host component.Host, id *component.ID) (Ledger, error) {
	if id == nil {
		return Unkept{}, nil
	}
	return extension[Ledger](host, *id, "ledger", "the headcount extension")
}

// LedgerBeside is the consent extension itself where it keeps a ledger, else a ledger that keeps nothing.
func LedgerBeside(consent Consent) Ledger {
	if ledger, ok := consent.(Ledger); ok {
		return ledger
	}
	return Unkept{}
}
