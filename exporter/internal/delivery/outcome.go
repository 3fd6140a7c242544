// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import "time"

// Result is what came of a report.
type Result int

const (
	// Stopped: the exporter ends, and the report was not tried or its request called off.
	Stopped Result = iota
	// Withheld: consent does not reach that far.
	Withheld
	// NotDue: its interval since the last acceptance has not passed, or it rests after a refusal.
	NotDue
	// Outdated: a part of what it tells was told by another report; the next one tells the rest.
	Outdated
	// Delayed: an earlier try of it failed, before a restart as well, and the next one waits.
	Delayed
	// Resting: the endpoint asked to be left alone for a while, before a restart as well.
	Resting
	// Unstored: the key of its attempt, or the secret of its signature, could not be
	// stored. Without it a repetition could not be told, so that nothing was sent.
	Unstored
	// Unrecorded: the operator's record of what leaves cannot be written. What could
	// not be looked up is not sent.
	Unrecorded
	// Shown: a dry run, in which it was shown instead of sent.
	Shown
	// Accepted by the endpoint.
	Accepted
	// Refused by the endpoint for good; it is dropped, and its stat rests for a while.
	Refused
	// Busy: the endpoint asks to wait.
	Busy
	// Failed: the endpoint answered with a fault.
	Failed
	// Unreachable: there was no answer.
	Unreachable
)

// Outcome is what came of one report, and why.
type Outcome struct {
	Result Result
	// Stat is the report's.
	Stat string
	// Status is the answer's HTTP status; 0 without one.
	Status int
	// RoundTrip is how long the request took; 0 when there was none.
	RoundTrip time.Duration
	// Wait is how long there is no point in trying again: until it is due, or until
	// the back-off or what the endpoint asked for has passed.
	Wait time.Duration
	// Err says why the report was not accepted: the host and what is wrong, never
	// a URL, a body, or what the endpoint wrote.
	Err error
}

// Again reports whether the report has to be tried again.
func (o *Outcome) Again() bool {
	switch o.Result {
	case Stopped, Delayed, Resting, Unstored, Unrecorded, Busy, Failed, Unreachable:
		return true
	default:
		return false
	}
}

// Halts reports whether there is no point in trying another report now.
func (o *Outcome) Halts() bool {
	return o.Again() && o.Result != Failed && o.Result != Delayed
}

// Sent reports whether there was a request.
func (o *Outcome) Sent() bool { return o.RoundTrip > 0 }
