// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "time"

// Account is a Ledger that also hears what an exporter intends, holds back and
// waits for. Like the Ledger's, its methods never fail and copy what they keep.
type Account interface {
	Ledger
	// Promises is told once by each exporter at its start: where it sends and which stats.
	Promises(d Destination)
	// Sending tells of a body just before it is sent, and returns when that is on
	// disk: what left is known even when the program ends before the answer.
	// Delivered follows with the same Key and Body.
	Sending(d Delivery)
	// Unsent tells of a stat that a round of readings did not bring to its endpoint.
	Unsent(u Unsent)
	// Due tells when a stat may be sent next.
	Due(stat string, next time.Time)
}

// Destination is where an exporter sends, and what.
type Destination struct {
	// Host is the endpoint's host and port, nothing more of its URL.
	Host string
	// Stats are the names of all stats that it may send.
	Stats []string
	// DryRun is true when the exporter sends nothing on purpose.
	DryRun bool
}

// Unsent is a stat that was not sent.
type Unsent struct {
	// Stat is the stat's name.
	Stat string
	// Reason says why.
	Reason Reason
	// Missing says what an Incomplete stat lacks, by the names of metrics and resource attributes, never by values.
	Missing []string
}

// Reason says why a stat was not sent.
type Reason string

const (
	// Withheld: consent does not reach that far.
	Withheld Reason = "withheld"
	// NotDue: its interval since the last acceptance has not passed.
	NotDue Reason = "not_due"
	// Absent: nothing of it was read, such as an event that did not happen.
	Absent Reason = "absent"
	// Incomplete: something of it was read, and something that it needs was not.
	Incomplete Reason = "incomplete"
	// Dropped: the endpoint refused it for good.
	Dropped Reason = "dropped"
	// Unmarked: its data did not pass the anonymizer.
	Unmarked Reason = "unmarked"
)

// AccountBeside is the consent extension itself where it keeps an account, else one that keeps nothing.
func AccountBeside(consent Consent) Account {
	if account, ok := consent.(Account); ok {
		return account
	}
	return Unkept{}
}

// Promises does nothing.
func (Unkept) Promises(Destination) {}

// Sending does nothing.
func (Unkept) Sending(Delivery) {}

// Unsent does nothing.
func (Unkept) Unsent(Unsent) {}

// Due does nothing.
func (Unkept) Due(string, time.Time) {}
