// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

var (
	errStopping = errors.New("the exporter is stopping")
	errDelayed  = errors.New("an earlier try failed, and the next one waits")
)

// Report is a stat as it leaves: the exact body, and whose it is.
type Report struct {
	// Stat is its name.
	Stat string
	// Key is what its interval belongs to.
	Key pacing.Key
	// Installation is the id in the body.
	Installation string
	// Body is what is posted.
	Body []byte
	// Growth are the totals between which it tells what was counted.
	Growth pacing.Growth
	// Tags name the rules that made its random answers.
	Tags []collect.Tag
}

// Transport brings one body to the endpoint.
type Transport interface {
	// Post makes one request. Its error tells the host and the kind of failure only:
	// never the URL, a header, or what the endpoint wrote.
	Post(ctx context.Context, message endpoint.Message) (endpoint.Answer, error)
}

// Signer has the keys with which reports are signed.
type Signer interface {
	// KeyOf returns the installation's key, nil where reports are not signed.
	KeyOf(ctx context.Context, installation string) (ed25519.PrivateKey, error)
}

// Sender delivers reports. It is safe for concurrent use.
type Sender struct {
	// Host is the endpoint's host and port.
	Host string
	// Transport brings a body there.
	Transport Transport
	// Signer signs each report; nil where none does.
	Signer Signer
	// Tracker remembers what was accepted.
	Tracker *pacing.Tracker
	// Groups has each stat's rate group.
	Groups map[string]pacing.Group
	// Permits asks for the consent in force.
	Permits func() bool
	// Observer sees each attempt.
	Observer trust.Observer
	// Backoff is how long a report waits for its next try after so many failures in a
	// row; nil where nothing is tried again.
	Backoff func(failures int) time.Duration
	// Noted is told whether an answer could be stored. Where it could not, it holds
	// until the end of this process, and a repetition after that carries the same
	// Idempotency-Key.
	Noted func(error)
	// Now is the clock.
	Now func() time.Time
	// DryRun shows instead of sending.
	DryRun bool

	// storing are answers on their way to the disk.
	storing sync.WaitGroup
}

// Deliver sends one report, if it may still be sent and is due. A done ctx calls the
// request off; what was answered is noted all the same, and is stored before the next
// request of that installation.
func (s *Sender) Deliver(ctx context.Context, r *Report) (o Outcome) {
	giveBack, err := s.Tracker.Turn(ctx, r.Key)
	if err != nil {
		return Outcome{Result: Stopped, Stat: r.Stat, Err: errStopping}
	}
	defer giveBack()
	if !s.Permits() { // before anything is stored for an attempt
		s.Observer.Unsent(trust.Unsent{Stat: r.Stat, Reason: trust.Withheld})
		return Outcome{Result: Withheld, Stat: r.Stat}
	}
	stored := context.WithoutCancel(ctx)
	if o, rests := s.resting(stored, r); rests {
		return o
	}
	interval := s.Groups[r.Stat].Interval
	attempt, err := s.Tracker.Try(stored, r.Key, r.Stat, interval, r.Growth, collect.JoinTags(r.Tags))
	switch {
	case err != nil:
		return Outcome{Result: Unstored, Stat: r.Stat, Err: err}
	case attempt.Outdated:
		s.Observer.Unsent(trust.Unsent{Stat: r.Stat, Reason: trust.NotDue})
		return Outcome{Result: Outdated, Stat: r.Stat}
	case attempt.Wait > 0:
		s.NotDue(r.Stat, attempt.Wait)
		return Outcome{Result: NotDue, Stat: r.Stat, Wait: attempt.Wait}
	case attempt.Delay > 0:
		return s.delayed(Outcome{Result: Delayed, Stat: r.Stat, Wait: attempt.Delay, Err: errDelayed})
	case s.DryRun:
		return s.show(stored, r, interval)
	}
	message, err := s.message(stored, r, attempt.IdempotencyKey)
	if err != nil {
		return Outcome{Result: Unstored, Stat: r.Stat, Err: err}
	}
	o = s.post(ctx, r, message)
	s.note(stored, r, attempt, &o)
	return o
}

// resting reports whether the endpoint asked for a pause that has not passed. What is
// not due waits for no endpoint.
func (s *Sender) resting(ctx context.Context, r *Report) (o Outcome, rests bool) {
	pause, err := s.Tracker.Resting(ctx, s.Host)
	if err != nil {
		return Outcome{Result: Unstored, Stat: r.Stat, Err: err}, true
	}
	if pause == 0 {
		return Outcome{}, false
	}
	if wait, err := s.Tracker.Wait(ctx, r.Key, r.Stat, s.Groups[r.Stat].Interval); err == nil && wait > 0 {
		s.NotDue(r.Stat, wait)
		return Outcome{Result: NotDue, Stat: r.Stat, Wait: wait}, true
	}
	return s.delayed(Outcome{Result: Resting, Stat: r.Stat, Wait: pause, Err: fmt.Errorf("%s asked to be left alone until %s", s.Host, s.until(pause))}), true
}

// until is a moment to come, in words.
func (s *Sender) until(wait time.Duration) string {
	return s.Now().Add(wait).UTC().Format(time.RFC3339)
}

func (s *Sender) delayed(o Outcome) Outcome {
	s.PutOff(o.Stat, o.Wait)
	return o
}

// PutOff tells the observer of a stat that is due, and is not tried before the wait has passed.
func (s *Sender) PutOff(stat string, wait time.Duration) {
	s.Observer.Unsent(trust.Unsent{Stat: stat, Reason: trust.Delayed})
	s.Observer.Due(stat, s.Now().Add(wait))
}

// note remembers what the answer means, across restarts.
func (s *Sender) note(ctx context.Context, r *Report, attempt pacing.Attempt, o *Outcome) {
	switch o.Result {
	case Accepted:
		interval := s.Groups[r.Stat].Interval
		s.noteSoon(s.Tracker.Accepted(ctx, r.Key, r.Stat, interval))
		o.Wait = interval
		s.Observer.Due(r.Stat, s.Now().Add(interval))
	case Refused:
		s.Noted(s.Tracker.Refused(ctx, r.Key, r.Stat))
		s.Observer.Unsent(trust.Unsent{Stat: r.Stat, Reason: trust.Dropped})
	case Busy, Failed, Unreachable:
		switch {
		case o.Wait > 0:
			s.Noted(s.Tracker.Rest(ctx, s.Host, o.Wait))
		case s.Backoff != nil:
			o.Wait = s.Backoff(attempt.Failures + 1)
			s.noteSoon(s.Tracker.Failed(ctx, r.Key, r.Stat, o.Wait))
		}
		if o.Wait > 0 {
			s.Observer.Due(r.Stat, s.Now().Add(o.Wait))
		}
	}
}

// noteSoon tells whether an answer could be stored when that is known; the next report need not wait for it.
func (s *Sender) noteSoon(stored func() error) {
	if !s.Tracker.Keeps() {
		s.Noted(nil)
		return
	}
	s.storing.Go(func() { s.Noted(stored()) })
}

// Flush returns when what was noted is stored. It comes before the Tracker's end.
func (s *Sender) Flush() { s.storing.Wait() }

// NotDue tells the observer of a stat that has to wait.
func (s *Sender) NotDue(stat string, wait time.Duration) {
	s.Observer.Unsent(trust.Unsent{Stat: stat, Reason: trust.NotDue})
	s.Observer.Due(stat, s.Now().Add(wait))
}

// show is what a dry run does instead of a request.
func (s *Sender) show(ctx context.Context, r *Report, interval time.Duration) Outcome {
	s.Observer.Delivered(trust.Delivery{Time: s.Now(), Stat: r.Stat, Host: s.Host, Body: r.Body, DryRun: true})
	_ = s.Tracker.Accepted(ctx, r.Key, r.Stat, interval) // in memory only: nothing is stored
	return Outcome{Result: Shown, Stat: r.Stat}
}

// message is the report as it goes to the endpoint.
func (s *Sender) message(ctx context.Context, r *Report, idempotencyKey string) (m endpoint.Message, err error) {
	m = endpoint.Message{Body: r.Body, IdempotencyKey: collect.Tagged(idempotencyKey, r.Tags)}
	if s.Signer != nil {
		m.SignedBy, err = s.Signer.KeyOf(ctx, r.Installation)
	}
	return m, err
}

// post makes one request, and says what its answer means.
func (s *Sender) post(ctx context.Context, r *Report, message endpoint.Message) Outcome {
	try := trust.Delivery{Time: s.Now(), Stat: r.Stat, Host: s.Host, Body: r.Body, Key: message.IdempotencyKey}
	if err := s.Observer.Sending(try); err != nil {
		return Outcome{Result: Unrecorded, Stat: r.Stat, Err: err}
	}
	begun := time.Now()
	answer, err := s.Transport.Post(ctx, message)
	o := Outcome{Stat: r.Stat, Status: answer.Status, RoundTrip: max(1, time.Since(begun))}
	switch {
	case err == nil:
		o.Result, o.Wait, o.Err = judge(s.Host, answer)
	case ctx.Err() != nil:
		o.Result, o.Err = Stopped, errStopping
	default:
		o.Result, o.Wait, o.Err = Unreachable, answer.RetryAfter, err
	}
	try.Status, try.Verdict = answer.Status, o.verdict()
	if o.Err != nil {
		try.Wrong = o.Err.Error()
	}
	s.Observer.Delivered(try)
	return o
}

// verdict is the outcome of an attempt as an observer hears of it.
func (o *Outcome) verdict() trust.Verdict {
	switch o.Result {
	case Accepted:
		return trust.Accepted
	case Refused:
		return trust.Refused
	default:
		return trust.Again
	}
}
