// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package source

import "context"

// Client reaches one source, whose readings are of type R.
type Client[R any] interface {
	// Open begins the session of one scrape. Its error is that of all readings of the source.
	Open(ctx context.Context) (Session[R], error)
}

// Session answers one source's readings of type R during one scrape.
type Session[R any] interface {
	// Answer answers readings in their order. Once an answer's error is session-lost, so are all that follow.
	Answer(ctx context.Context, readings []R) []Answer
	// Close ends the session.
	Close()
}

// Answer is what became of one reading.
type Answer struct {
	// Value is the answer of a reading without groups; nil means that it found nothing.
	Value Value
	// Groups are those of a reading that has them.
	Groups []Group
	// How says, for the debug log, which way was chosen.
	How string
	// Err is why the reading failed.
	Err error
}

// Group is what shares its values.
type Group struct {
	// By are the values, one for each column; nil for none, such as NULL.
	By []Value
	// Count of those in the group.
	Count int64
}
