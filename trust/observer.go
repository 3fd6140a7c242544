// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
)

// Observer is shown what the components read, change, intend, send, hold back
// and receive, for the eyes of the person who runs the application. Its methods
// return at once, and only Sending can fail; they keep no reference to their
// arguments' memory beyond the call unless they copy it. An implementation embeds
// NopObserver, so that a new event touches only those that want it.
type Observer interface {
	// Anonymized tells what became of each field of one resource.
	Anonymized(fields []Field)
	// Promises is told once by each exporter at its start: where it sends and which stats.
	Promises(d Destination)
	// Sending tells of a body just before it is sent, and returns when that is on
	// disk: what left is known even when the program ends before the answer. An
	// error says that it cannot be recorded; then it must not be sent, and is
	// tried again later. Otherwise Delivered follows with the same Key and Body.
	Sending(d Delivery) error
	// Delivered tells of one body that was sent, or in a dry run would have been.
	Delivered(d Delivery)
	// Unsent tells of a stat that a batch of readings did not bring to its endpoint.
	Unsent(u Unsent)
	// Due tells when a stat may be sent next.
	Due(stat string, next time.Time)
	// ReadsNext tells when a receiver will read next.
	ReadsNext(receiver component.ID, next time.Time)
	// Unread tells that a receiver's readings have all failed, so that nothing of them follows.
	Unread(u Unread)
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

	// Named is the name of its rule, exact or a pattern, which the data did not choose; empty without a rule.
	Named string
	// MayPass and MayBeExact are what Passes and Exact can be under its rule, whatever the value.
	MayPass, MayBeExact bool
}

// Public is the field without anything that the data says: for those who may see no value.
func (f Field) Public() Field {
	named := f.Named
	if _, _, grouped := strings.Cut(f.Name, "{"); grouped && named != "" {
		named += "{…}" // a group's name may be a raw value
	}
	return Field{Name: named, Rule: f.Rule, Claim: f.Claim, Named: f.Named, Passes: f.MayPass, Exact: f.MayBeExact, MayPass: f.MayPass, MayBeExact: f.MayBeExact}
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
	// Verdict is what the answer means; empty before there is one, and in a dry run.
	Verdict Verdict
	// Wrong says why it was not accepted: the host and what is wrong, never more of the
	// URL, a header, or what the endpoint wrote. Empty where it was.
	Wrong string
	// DryRun is true when nothing was sent on purpose.
	DryRun bool
}

// Verdict is what the answer to an attempt means. The exporter says it, so that
// nobody judges a status a second time.
type Verdict string

const (
	// Accepted: the endpoint has the stat.
	Accepted Verdict = "accepted"
	// Refused: the endpoint does not want it, and it is dropped.
	Refused Verdict = "refused"
	// Again: it is tried again.
	Again Verdict = "again"
)

// Destination is where an exporter sends, and what.
type Destination struct {
	// Host is the endpoint's host and port, nothing more of its URL.
	Host string
	// Relay is the host and port of the relay that passes the stats on, which the
	// makers see instead of the sender; empty where they go to Host directly.
	Relay string
	// Stats are the names of all stats that it may send.
	Stats []string
	// Descriptions say what a stat asks, and why, in the profile's words; of those that have one.
	Descriptions map[string]string
	// Keys say what the stats are made of; a stat without any is made of all that passes.
	Keys []Key
	// Signed is true where each report is signed with a key of its installation's id.
	Signed bool
	// DryRun is true when the exporter sends nothing on purpose.
	DryRun bool
}

// Key is one key of a stat's JSON, and the metric or resource attribute from which its value comes.
type Key struct {
	Stat string
	Name string
	From string
	// Description says what the value is, in the profile's words; empty where the profile says nothing.
	Description string
}

// ThroughRelay says in a sentence who sees what where a relay stands between; empty without one.
func (d Destination) ThroughRelay() string {
	if d.Relay == "" {
		return ""
	}
	return fmt.Sprintf("Reports go through %[1]s to %[2]s: %[2]s does not see your address, %[1]s does not see the report.", d.Relay, d.Host)
}

// Signature says in a sentence what is signed; empty where nothing is.
func (d Destination) Signature() string {
	if !d.Signed {
		return ""
	}
	return "Each report is signed with a key that belongs to its installation's id alone, so that nobody else can report under it. The signature tells nothing but that. Turning reports off forgets the key."
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

// Unread is a receiver of which no reading gave anything.
type Unread struct {
	// Receiver is its id.
	Receiver component.ID
	// Failures say what failed and why, by the keys of the configuration, never by values.
	Failures []string
}

// Reason says why a stat was not sent.
type Reason string

const (
	// Withheld: consent does not reach that far.
	Withheld Reason = "withheld"
	// NotDue: its interval since the last acceptance has not passed.
	NotDue Reason = "not_due"
	// Waiting: a report of it already waits to be delivered, and what becomes of that one is told by itself.
	Waiting Reason = "waiting"
	// Delayed: it is due, and is tried again later: an earlier try failed, or the endpoint asked for a pause.
	Delayed Reason = "delayed"
	// Absent: nothing of it was read, such as an event that did not happen.
	Absent Reason = "absent"
	// Incomplete: something of it was read, and something that it needs was not.
	Incomplete Reason = "incomplete"
	// Dropped: the endpoint refused it for good.
	Dropped Reason = "dropped"
	// OtherRules: it waited, and the anonymizer's rules are others now.
	OtherRules Reason = "other_rules"
	// Unmarked: its data did not pass the anonymizer.
	Unmarked Reason = "unmarked"
)

// ObserverOf is the consent extension itself where it observes, else an observer that does nothing.
func ObserverOf(consent Consent) Observer {
	if observer, ok := consent.(Observer); ok {
		return observer
	}
	return NopObserver{}
}

// LedgerOf finds the extension that a component's `ledger:` key names; a nil id observes nothing.
func LedgerOf(host component.Host, id *component.ID) (Observer, error) {
	if id == nil {
		return NopObserver{}, nil
	}
	return extension[Observer](host, *id, "ledger", "the headcount extension")
}
