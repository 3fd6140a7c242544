// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

// Outcome says what became of a value under its rule.
type Outcome uint8

const (
	// Passes is the outcome of a value that leaves, whatever the rule made of it.
	Passes Outcome = iota
	// NoDate is that of a text that is neither RFC 3339 nor a date.
	NoDate
	// NoVersion is that of a text that is no version.
	NoVersion
	// NotListed is that of a text that its list does not name.
	NotListed
	// NotScalar is that of a list, a map or bytes: no rule names what is inside.
	NotScalar
	// OpenText is that of a text under a keep that does not say open.
	OpenText
	// OutOfRange is that of a number that is too great to be exact.
	OutOfRange
	// Suppressed is that of a number that is too small to leave.
	Suppressed
	// Unfit is that of a value of a kind that its rule cannot treat.
	Unfit
	// Outcomes is how many there are. Whoever runs rules goes on counting from here.
	Outcomes
)

// OutcomeNames are the names of all outcomes, in the component's own metrics.
var OutcomeNames = [Outcomes]string{"", "no_date", "no_version", "not_listed", "not_scalar", "open_text", "out_of_range", "suppressed", "unfit"}
