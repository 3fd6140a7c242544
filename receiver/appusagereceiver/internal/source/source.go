// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package source is what all kinds of sources have in common: what a reading gives,
// and how its failure is said.
package source // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// Value is what a reading gives: nil (it found nothing), bool, int64, float64,
// string of at most MaxText bytes, or time.Time in UTC.
type Value any

// MaxText is the longest text in bytes that leaves a source.
const MaxText = 256

// Error says in our own words why a reading failed: a library's message may hold
// a host, a user or a value.
type Error struct {
	// Reason completes the sentence "the reading failed: …".
	Reason string
	// SessionLost is true when the whole source is of no more use during this scrape.
	SessionLost bool
}

func (e *Error) Error() string { return e.Reason }

var (
	// ErrTooLong is the failure of a reading whose text may not leave.
	ErrTooLong = &Error{Reason: "the text is longer than 256 bytes"}
	// ErrTimeout is the failure of a reading that used up its time.
	ErrTimeout = &Error{Reason: "it took too long: raise `timeout`"}
	// ErrStopping is the failure of a reading during which the collector shut down.
	ErrStopping = &Error{Reason: "the collector is stopping", SessionLost: true}
	// ErrUnreachable is the failure to connect.
	ErrUnreachable = &Error{Reason: "the server cannot be reached: check its address, and that it runs", SessionLost: true}
	// ErrConnectionLost is a connection that broke.
	ErrConnectionLost = &Error{Reason: "the connection was lost", SessionLost: true}
)

// Text turns a text into a Value: an empty one is nothing, a long one may not leave.
func Text(text string) (Value, error) {
	switch {
	case text == "":
		return nil, nil
	case len(text) > MaxText:
		return nil, ErrTooLong
	default:
		return text, nil
	}
}

// Explain turns an error of the network, or of the reading's context, into one of ours; nil when it is neither.
func Explain(ctx context.Context, err error) *Error {
	if over := ctx.Err(); over != nil {
		err = over // which closed the connection
	}
	var ours *Error
	var network net.Error
	var dial *net.OpError
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, context.Canceled):
		return ErrStopping
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeout
	case errors.As(err, &network) && network.Timeout():
		return ErrTimeout
	case errors.As(err, &dial) && dial.Op == "dial":
		return ErrUnreachable
	case errors.As(err, &network), errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrConnectionLost
	default:
		return nil
	}
}

// RefusedTLS reports whether the other side ended TLS by an alert, as it does where it does not take the client's
// certificate: since TLS 1.3 that comes after the handshake, and looks like a lost connection.
func RefusedTLS(err error) bool {
	var alert *net.OpError
	return errors.As(err, &alert) && alert.Op == "remote error"
}

// Half gives a reading half of the time that its source has left, so that one slow
// reading leaves some for the others.
func Half(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/2)
}
