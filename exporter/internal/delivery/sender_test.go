// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// journal is what happens to a report, in its order: it is the storage, the
// transport, the observer and the consent at once.
type journal struct {
	component.StartFunc
	component.ShutdownFunc
	trust.NopObserver
	mu     sync.Mutex // an answer is stored beside the next report
	events []string
	values map[string][]byte
	full   bool

	unrecorded error // what Sending answers

	permitted bool
	answer    func() (endpoint.Answer, error)
	seen      []trust.Delivery
	now       time.Time
}

func (j *journal) note(event string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, event)
}

func (j *journal) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: j}
}

func (j *journal) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return j, nil
}

func (j *journal) Get(_ context.Context, key string) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.values[key], nil
}

func (j *journal) Set(_ context.Context, key string, value []byte) error {
	if j.full {
		return storage.ErrStorageFull
	}
	j.note("store")
	j.mu.Lock()
	defer j.mu.Unlock()
	j.values[key] = value
	return nil
}

func (j *journal) Delete(_ context.Context, key string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.values, key)
	return nil
}

func (j *journal) Batch(ctx context.Context, ops ...*storage.Operation) (err error) {
	for _, op := range ops {
		switch op.Type {
		case storage.Set:
			err = j.Set(ctx, op.Key, op.Value)
		case storage.Delete:
			err = j.Delete(ctx, op.Key)
		case storage.Get:
			op.Value, err = j.Get(ctx, op.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (*journal) Close(context.Context) error { return nil }

func (j *journal) permits() bool {
	j.note("ask")
	return j.permitted
}

func (j *journal) Sending(trust.Delivery) error {
	j.note("sending")
	return j.unrecorded
}

func (j *journal) Delivered(d trust.Delivery) {
	j.note("delivered")
	j.seen = append(j.seen, d)
}

func (j *journal) Unsent(u trust.Unsent) { j.note(string(u.Reason)) }

func (j *journal) Post(context.Context, endpoint.Message) (endpoint.Answer, error) {
	j.note("post")
	return j.answer()
}

var storageID = component.MustNewID("storage")

func answers(status int) func() (endpoint.Answer, error) {
	return func() (endpoint.Answer, error) { return endpoint.Answer{Status: status}, nil }
}

func newSender(t *testing.T, answer func() (endpoint.Answer, error)) (*Sender, *journal) {
	t.Helper()
	j := &journal{values: map[string][]byte{}, permitted: true, answer: answer, now: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)}
	store, err := state.Open(t.Context(), j, &storageID, component.KindExporter, component.MustNewID("collect"))
	require.NoError(t, err)
	now := func() time.Time { return j.now }
	tracker, damage, err := pacing.Open(t.Context(), store, now)
	require.NoError(t, errors.Join(damage, err))
	return &Sender{
		Host: "collect.example.com:443", Transport: j, Tracker: tracker,
		Groups:  map[string]pacing.Group{"STARTUP": {Name: "STARTUP", Interval: 168 * time.Hour}},
		Permits: j.permits, Observer: j, Backoff: func(failures int) time.Duration { return time.Duration(failures) * time.Minute }, Noted: func(error) {}, Now: now,
	}, j
}

func startup() *Report {
	return &Report{Stat: "STARTUP", Key: pacing.NewKey("i-1", "STARTUP"), Body: []byte("{}")}
}

// Consent is asked before anything is stored, a key is stored before it is tried,
// the attempt is told before it is made, and its answer is noted at once.
func TestTheOrderOfADelivery(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Sender, *journal)
		events []string
		result Result
	}{
		"accepted":   {nil, []string{"ask", "store", "sending", "post", "delivered", "store"}, Accepted},
		"withheld":   {func(_ *Sender, j *journal) { j.permitted = false }, []string{"ask", "withheld"}, Withheld},
		"refused":    {func(_ *Sender, j *journal) { j.answer = answers(400) }, []string{"ask", "store", "sending", "post", "delivered", "store", "dropped"}, Refused},
		"failed":     {func(_ *Sender, j *journal) { j.answer = answers(500) }, []string{"ask", "store", "sending", "post", "delivered", "store"}, Failed},
		"full":       {func(_ *Sender, j *journal) { j.full = true }, []string{"ask"}, Unstored},
		"unrecorded": {func(_ *Sender, j *journal) { j.unrecorded = errors.New("full") }, []string{"ask", "store", "sending"}, Unrecorded},
		"dry run":    {func(s *Sender, _ *journal) { s.DryRun = true }, []string{"ask", "store", "delivered"}, Shown},
		"no retry":   {func(s *Sender, j *journal) { s.Backoff, j.answer = nil, answers(500) }, []string{"ask", "store", "sending", "post", "delivered"}, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			s, j := newSender(t, answers(204))
			if c.change != nil {
				c.change(s, j)
			}
			o := s.Deliver(t.Context(), startup())
			s.Flush()
			assert.Equal(t, c.result, o.Result)
			assert.Equal(t, c.events, j.events)
		})
	}
}

// It is the one table of what a status means; collect/README.md has it in words.
func TestWhatAStatusMeans(t *testing.T) {
	for result, statuses := range map[Result][]int{
		Accepted: {200, 201, 202, 204, 299},
		Refused:  {301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 408, 410, 413, 415, 418, 422, 499},
		Busy:     {429, 503},
		Failed:   {100, 101, 300, 304, 500, 501, 502, 504, 599},
	} {
		for _, status := range statuses {
			t.Run(strconv.Itoa(status), func(t *testing.T) {
				s, j := newSender(t, answers(status))
				o := s.Deliver(t.Context(), startup())
				assert.Equal(t, result, o.Result)
				assert.Equal(t, status, o.Status)
				assert.Equal(t, result == Busy || result == Failed, o.Again())
				assert.Equal(t, result == Busy, o.Halts())
				assert.True(t, o.Sent())
				require.Len(t, j.seen, 1)
				want := trust.Again
				switch result {
				case Accepted:
					want = trust.Accepted
					require.NoError(t, o.Err)
				case Refused:
					want = trust.Refused
				}
				assert.Equal(t, want, j.seen[0].Verdict)
				if result != Accepted {
					require.ErrorContains(t, o.Err, "collect.example.com:443 answered with status "+strconv.Itoa(status))
				}
			})
		}
	}
}

func TestARedirectIsNamedAndRests(t *testing.T) {
	s, j := newSender(t, func() (endpoint.Answer, error) {
		return endpoint.Answer{Status: http.StatusPermanentRedirect, RedirectsTo: "https://stats.example.com"}, nil
	})
	o := s.Deliver(t.Context(), startup())
	require.EqualError(t, o.Err, "collect.example.com:443 answered with status 308, a redirect to https://stats.example.com, and redirects are not followed: where stats may go there, write its URL as endpoint")
	j.now = j.now.Add(59 * time.Minute)
	o = s.Deliver(t.Context(), startup())
	assert.Equal(t, NotDue, o.Result)
	assert.Equal(t, time.Minute, o.Wait)
}

func TestNoAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, j := newSender(t, func() (endpoint.Answer, error) {
		return endpoint.Answer{}, errors.New("collect.example.com:443: no answer in time")
	})
	o := s.Deliver(ctx, startup())
	assert.Equal(t, Unreachable, o.Result)
	assert.True(t, o.Halts())
	assert.Equal(t, time.Minute, o.Wait)
	j.now = j.now.Add(time.Minute)
	j.answer = func() (endpoint.Answer, error) {
		cancel()
		return endpoint.Answer{}, ctx.Err()
	}
	o = s.Deliver(ctx, startup())
	assert.Equal(t, Stopped, o.Result)
	require.EqualError(t, o.Err, "the exporter is stopping")
	assert.Equal(t, Stopped, func() Result { o := s.Deliver(ctx, startup()); return o.Result }())
}

// A pause and a back-off put off what is due, and say nothing of what is not.
func TestDelays(t *testing.T) {
	s, j := newSender(t, answers(500))
	another := &Report{Stat: "STARTUP", Key: pacing.NewKey("i-2", "STARTUP"), Body: []byte("{}")}
	require.Equal(t, Failed, func() Result { o := s.Deliver(t.Context(), startup()); return o.Result }())
	o := s.Deliver(t.Context(), startup())
	assert.Equal(t, Delayed, o.Result)
	assert.Equal(t, time.Minute, o.Wait)
	assert.True(t, o.Again())
	assert.False(t, o.Halts())

	j.now = j.now.Add(time.Minute)
	o = s.Deliver(t.Context(), startup())
	assert.Equal(t, 2*time.Minute, o.Wait, "the second failure in a row")

	j.answer = func() (endpoint.Answer, error) { return endpoint.Answer{Status: 503, RetryAfter: time.Hour}, nil }
	o = s.Deliver(t.Context(), another)
	assert.Equal(t, Busy, o.Result)
	assert.Equal(t, time.Hour, o.Wait)
	j.now = j.now.Add(30 * time.Minute)
	o = s.Deliver(t.Context(), startup())
	assert.Equal(t, Resting, o.Result)
	assert.Equal(t, 30*time.Minute, o.Wait)
	assert.True(t, o.Halts())
	require.EqualError(t, o.Err, "collect.example.com:443 asked to be left alone until 2026-11-26T01:01:00Z")

	j.now = j.now.Add(30 * time.Minute)
	j.answer = answers(204)
	require.Equal(t, Accepted, func() Result { o := s.Deliver(t.Context(), startup()); return o.Result }())
	j.answer = func() (endpoint.Answer, error) { return endpoint.Answer{Status: 429, RetryAfter: time.Hour}, nil }
	require.Equal(t, Busy, func() Result { o := s.Deliver(t.Context(), another); return o.Result }())
	assert.Equal(t, NotDue, func() Result { o := s.Deliver(t.Context(), startup()); return o.Result }(), "what is not due waits for no endpoint")

	j.now = j.now.Add(-365 * 24 * time.Hour)
	j.answer = answers(204)
	assert.Equal(t, Accepted, func() Result { o := s.Deliver(t.Context(), another); return o.Result }(), "a clock that jumped back puts nothing off for a year")
}
