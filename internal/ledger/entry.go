// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"time"

	"github.com/headcount-otel/headcount/trust"
)

// Entry is one body in the ledger, with what became of it.
type Entry struct {
	// Number counts the ledger's entries from 1, through restarts.
	Number uint64 `json:"number"`
	// Time of the latest try, UTC.
	Time time.Time `json:"time"`
	Stat string    `json:"stat"`
	Host string    `json:"endpoint"`
	Key  string    `json:"idempotency_key,omitempty"`
	// Tries is how often the body was sent; 0 for a dry run.
	Tries int `json:"tries"`
	// Status is the HTTP status of the latest try; 0 when no answer came.
	Status int  `json:"status"`
	DryRun bool `json:"dry_run,omitempty"`
	// Size of the body in bytes.
	Size int `json:"size"`
	// Body is what was sent, byte for byte; nil when it alone would fill the ledger, or is discarded.
	Body []byte `json:"body,omitempty"`
	// Discarded is true where consent was withdrawn before an endpoint had taken the body.
	Discarded bool `json:"discarded,omitempty"`

	// underway is true between Sending and Delivered.
	underway bool
}

func newEntry(number uint64, d trust.Delivery) *Entry {
	e := &Entry{
		Number: number, Time: d.Time.UTC(), Stat: d.Stat, Host: d.Host, Key: d.Key,
		Status: d.Status, DryRun: d.DryRun, Size: len(d.Body),
	}
	if len(d.Body) <= MaxBytes {
		e.Body = bytes.Clone(d.Body)
	}
	return e
}

func (e *Entry) of(d trust.Delivery) bool {
	return d.Key != "" && e.Key == d.Key && e.Host == d.Host && e.DryRun == d.DryRun &&
		e.Size == len(d.Body) && (e.Body == nil || bytes.Equal(e.Body, d.Body))
}

// Accepted reports whether the endpoint took the body.
func (e *Entry) Accepted() bool { return e.Status >= 200 && e.Status < 300 }
