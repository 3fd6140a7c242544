// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"fmt"
	"time"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// setback is why a stat has to be tried again.
type setback struct {
	error
	// wait is how long the endpoint asks to wait.
	wait time.Duration
	// halt: there is no point in trying the next stat now.
	halt bool
}

func (s setback) Unwrap() error { return s.error }

// send delivers one stat after the other. The last setback is its error.
func (e *Exporter) send(ctx context.Context, book *pacing.Book, stats []collect.Stat) error {
	var last setback
	for i := range stats {
		s := e.deliver(ctx, book, &stats[i])
		if s.error != nil {
			last = s
		}
		if s.halt {
			break
		}
	}
	if last.error == nil {
		return nil
	}
	return last
}

// deliver sends one stat, if it still may be sent and is due, and notes when to look at it again.
func (e *Exporter) deliver(ctx context.Context, book *pacing.Book, stat *collect.Stat) setback {
	pace := e.paces[stat.Name]
	owner := pacing.NewOwner(stat.InstanceID, pace.Name)
	body, err := stat.AppendJSON(nil)
	if err != nil {
		e.schedule.incomplete(stat.Name, time.Now())
		e.troubles.tell(stat.Name, fmt.Errorf("stat %s cannot be written and is not sent: %w", stat.Name, err))
		return setback{}
	}
	key, wait, err := book.Try(ctx, owner, stat.Name, pace.Interval)
	if err != nil {
		return setback{error: err, halt: true}
	}
	if wait > 0 {
		e.schedule.wait(stat.Name, time.Now(), wait)
		return setback{}
	}
	if !e.permits() { // as it now is
		return setback{}
	}
	if s := e.try(ctx, book, owner, stat.Name, body, key); s.error != nil {
		return s
	}
	wait, err = book.Wait(ctx, owner, stat.Name, pace.Interval)
	e.schedule.wait(stat.Name, time.Now(), wait)
	return setback{error: err, halt: err != nil}
}

// try makes one request, and notes what came of it before the next one.
func (e *Exporter) try(ctx context.Context, book *pacing.Book, owner pacing.Owner, stat string, body []byte, key string) setback {
	answer, err := e.endpoint.Post(ctx, body, key)
	if err != nil {
		return setback{error: err, halt: true}
	}
	err = fmt.Errorf("%s answered with status %d", e.endpoint.Host, answer.Status)
	ctx = context.WithoutCancel(ctx) // what was answered is noted
	switch answer.Verdict() {
	case endpoint.Accepted:
		e.troubles.over(stat)
		e.noted(book.Accepted(ctx, owner, stat, e.paces[stat].Interval))
		return setback{}
	case endpoint.Refused:
		e.troubles.tell(stat, fmt.Errorf("stat %s is dropped, and rests for a while: %w", stat, err))
		e.noted(book.Refused(ctx, owner, stat))
		return setback{}
	case endpoint.Busy:
		return setback{error: err, wait: answer.RetryAfter, halt: true}
	default:
		return setback{error: err}
	}
}

// noted tells when an answer could not be stored. It holds until this process ends,
// and a repetition after that carries the same Idempotency-Key.
func (e *Exporter) noted(err error) {
	if err != nil {
		e.troubles.tell("memory", fmt.Errorf("an answer of the endpoint cannot be remembered beyond the end of this process: %w", err))
		return
	}
	e.troubles.over("memory")
}
