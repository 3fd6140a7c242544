// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
)

// Readings are those that one kind of source knows: for the key of each, how a session of type S is asked for it.
type Readings[S, R any] map[string]func(ctx context.Context, session S, reading R) (Value, error)

// Each is a Session that asks for one reading after another.
type Each[S interface{ Close() }, R interface{ Kind() string }] struct {
	// Opened is the source's own session.
	Opened S
	// Readings are those that it knows.
	Readings Readings[S, R]
}

// Answer implements Session. Once the session is lost it asks for no more.
func (e Each[S, R]) Answer(ctx context.Context, readings []R) []Answer {
	answers := make([]Answer, len(readings))
	var lost error
	for i, reading := range readings {
		if lost == nil {
			answers[i].Value, answers[i].Err = e.Readings[reading.Kind()](ctx, e.Opened, reading)
			lost = SessionError(answers[i].Err)
		} else {
			answers[i].Err = lost
		}
	}
	return answers
}

// Close implements Session.
func (e Each[S, R]) Close() { e.Opened.Close() }

// SessionError is err if it is session-lost, and nil if it is not.
func SessionError(err error) error {
	var failure *Error
	if errors.As(err, &failure) && failure.SessionLost {
		return err
	}
	return nil
}
