// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/exporter/internal/signing"
	"github.com/headcount-otel/headcount/trust"
)

// errPutOff: an earlier try failed, perhaps another process's, and the next one waits.
var errPutOff = errors.New("put off")

// retryable is why a stat has to be tried again, and how long there is no point in it.
type retryable struct {
	error
	wait time.Duration
}

func (r retryable) Unwrap() error { return r.error }

// send delivers one stat after the other. The last of what has to be tried again is its error.
func (e *Exporter) send(ctx context.Context, tracker *pacing.Tracker, keys *signing.Keys, stats []collect.Stat) error {
	sender := &delivery.Sender{
		Host: e.endpoint.Host, Transport: e.endpoint, Signer: keys, Tracker: tracker, Groups: e.groups,
		Permits: e.permits, Observer: trust.NopObserver{}, Backoff: e.backoff, Noted: e.noted, Now: e.now,
	}
	defer sender.Flush()
	var last error
	for i := range stats {
		o, err := e.deliver(ctx, sender, &stats[i])
		if err != nil && (last == nil || !errors.Is(err, errPutOff)) {
			last = err
		}
		if o.Halts() {
			break
		}
	}
	return last
}

// deliver sends one stat, if it still may be sent and is due, and notes when to look at it again.
func (e *Exporter) deliver(ctx context.Context, sender *delivery.Sender, stat *collect.Stat) (o delivery.Outcome, again error) {
	group := e.groups[stat.Name]
	body, err := stat.AppendJSON(nil)
	if err != nil {
		e.schedule.incomplete(stat.Name, time.Now())
		e.troubles.tell(stat.Name, fmt.Errorf("stat %s cannot be written and is not sent: %w", stat.Name, err))
		return o, nil
	}
	r := delivery.Report{Stat: stat.Name, Key: pacing.NewKey(stat.InstanceID, group.Name), Installation: stat.InstanceID, Body: body, Tags: e.tags[stat.Name]}
	o = sender.Deliver(ctx, &r)
	e.tell(&o)
	switch {
	case o.Result == delivery.Withheld:
		return o, nil
	case o.Result == delivery.Delayed, o.Result == delivery.Resting:
		e.schedule.wait(stat.Name, time.Now(), o.Wait)
		return o, errPutOff
	case o.Again():
		return o, retryable{o.Err, o.Wait}
	}
	wait := o.Wait
	if o.Result == delivery.Accepted || o.Result == delivery.Refused {
		if wait, err = sender.Tracker.Wait(ctx, r.Key, stat.Name, group.Interval); err != nil {
			return delivery.Outcome{Result: delivery.Unstored}, err
		}
	}
	e.schedule.wait(stat.Name, time.Now(), wait)
	return o, nil
}

// tell says once what the outcome means for the program's log.
func (e *Exporter) tell(o *delivery.Outcome) {
	switch o.Result {
	case delivery.Accepted:
		e.troubles.over(o.Stat)
	case delivery.Refused:
		e.troubles.tell(o.Stat, fmt.Errorf("stat %s is dropped, and rests for a while: %w", o.Stat, o.Err))
	}
}

// noted tells once when an answer could not be stored.
func (e *Exporter) noted(err error) {
	if err != nil {
		e.troubles.tell(theMemory, fmt.Errorf("an answer of the endpoint cannot be remembered beyond the end of this process: %w", err))
		return
	}
	e.troubles.over(theMemory)
}
