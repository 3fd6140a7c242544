// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
)

func TestRun(t *testing.T) {
	const first, second = "FIRST", "SECOND"
	accepted := func(stat string) func(*Run) {
		return func(r *Run) {
			r.Delivered(trust.Delivery{Stat: stat, Host: "collect.example.com", Status: 204, Verdict: trust.Accepted})
		}
	}
	again := func(stat string, status int) func(*Run) {
		return func(r *Run) {
			r.Delivered(trust.Delivery{Stat: stat, Host: "collect.example.com", Status: status, Verdict: trust.Again, Wrong: fmt.Sprintf("collect.example.com answered with status %d", status)})
		}
	}
	refused := func(stat string, status int) func(*Run) {
		return func(r *Run) {
			r.Delivered(trust.Delivery{Stat: stat, Status: status, Verdict: trust.Refused, Wrong: fmt.Sprintf("collect.example.com answered with status %d", status)})
		}
	}
	dry := func(stat string) func(*Run) {
		return func(r *Run) { r.Delivered(trust.Delivery{Stat: stat, DryRun: true}) }
	}
	unsent := func(stat string, reason trust.Reason, missing ...string) func(*Run) {
		return func(r *Run) { r.Unsent(trust.Unsent{Stat: stat, Reason: reason, Missing: missing}) }
	}
	begun := time.Now()
	due := func(stat string, in time.Duration) func(*Run) {
		return func(r *Run) { r.Due(stat, begun.Add(in)) }
	}
	in := func(d time.Duration) string { return moment(begun.Add(d)) }
	type steps = []func(*Run)
	tests := map[string]struct {
		until Until
		mode  trust.Mode
		steps steps
		stops bool
		want  string
	}{
		"all shown":                       {Shown, trust.Local, steps{dry(first), dry(second)}, true, ""},
		"one is still awaited":            {Shown, trust.On, steps{dry(first)}, false, "SECOND: nothing came of it"},
		"an event that did not happen":    {Shown, trust.On, steps{dry(first), unsent(second, trust.Absent)}, true, ""},
		"nothing at all":                  {Shown, trust.On, steps{unsent(first, trust.Absent), unsent(second, trust.Absent)}, true, "nothing was read that could be shown"},
		"incomplete":                      {Shown, trust.On, steps{dry(first), unsent(second, trust.Incomplete, "metric a is absent", "metric b is absent")}, true, "SECOND: incomplete: metric a is absent, metric b is absent"},
		"incomplete for one installation": {Shown, trust.On, steps{unsent(first, trust.Incomplete), dry(first), dry(second)}, true, "FIRST: incomplete"},
		"unmarked":                        {Shown, trust.On, steps{dry(first), unsent(second, trust.Unmarked)}, true, "SECOND: unmarked"},
		"goes with another of its pace":   {Shown, trust.On, steps{dry(first), unsent(second, trust.NotDue), dry(second)}, true, ""},
		"shown, but off":                  {Shown, trust.Off, nil, true, "usage statistics are off, so nothing could be shown"},
		"all delivered":                   {Delivered, trust.On, steps{accepted(first), accepted(second)}, true, ""},
		"after a refusal for now":         {Delivered, trust.On, steps{accepted(first), again(second, 503), again(second, 0), again(second, 429), accepted(second)}, true, ""},
		"refused for now":                 {Delivered, trust.On, steps{accepted(first), again(second, 503)}, false, "SECOND: collect.example.com answered with status 503; it waits, and is tried again by the next run; FIRST accepted by collect.example.com"},
		"refused for good":                {Delivered, trust.On, steps{accepted(first), refused(second, 400)}, true, "SECOND: collect.example.com answered with status 400; FIRST accepted by collect.example.com"},
		"refused by a redirect":           {Delivered, trust.On, steps{accepted(first), refused(second, 308)}, true, "SECOND: collect.example.com answered with status 308; FIRST accepted by collect.example.com"},
		"an earlier one waits":            {Delivered, trust.On, steps{accepted(first), unsent(second, trust.Waiting)}, false, "SECOND: it waits, and is tried again by the next run; FIRST accepted by collect.example.com"},
		"put off from an earlier run":     {Delivered, trust.On, steps{accepted(first), unsent(second, trust.Delayed), due(second, 2*time.Hour)}, true, ""},
		"put off past the deadline":       {Delivered, trust.On, steps{again(first, 503), due(first, 2*time.Hour), unsent(second, trust.Delayed), due(second, 2*time.Hour)}, true, "FIRST: collect.example.com answered with status 503; it waits, and is tried again by a run after " + in(2*time.Hour) + "; SECOND waits, and is not tried again before " + in(2*time.Hour)},
		"put off for a moment":            {Delivered, trust.On, steps{accepted(first), unsent(second, trust.Delayed), due(second, time.Minute)}, false, "SECOND: it waits, and is tried again by a run after " + in(time.Minute) + "; FIRST accepted by collect.example.com"},
		"put off, and nothing new":        {Delivered, trust.On, steps{accepted(first), unsent(second, trust.Delayed), due(second, time.Minute), unsent(second, trust.Absent)}, false, "SECOND: it waits, and is tried again by a run after " + in(time.Minute) + "; FIRST accepted by collect.example.com"},
		"nothing new, and put off":        {Delivered, trust.On, steps{unsent(second, trust.Absent), unsent(second, trust.Delayed), due(second, time.Minute), accepted(first)}, false, "SECOND: it waits, and is tried again by a run after " + in(time.Minute) + "; FIRST accepted by collect.example.com"},
		"not due":                         {Delivered, trust.On, steps{unsent(first, trust.NotDue), due(second, 2*time.Hour)}, true, ""},
		"due now is not delivered":        {Delivered, trust.On, steps{accepted(first), due(second, -time.Hour)}, false, "SECOND: nothing came of it; FIRST accepted by collect.example.com"},
		"withheld in the middle":          {Delivered, trust.On, steps{accepted(first), unsent(second, trust.Withheld)}, true, ""},
		"delivery, but off":               {Delivered, trust.Off, nil, true, ""},
		"delivery, but local":             {Delivered, trust.Local, nil, true, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stopped := make(chan struct{})
			r := New(tt.until, time.Hour, func(ending <-chan struct{}) { close(stopped); <-ending })
			r.Promises(trust.Destination{Stats: []string{first, second}})
			r.Begin(tt.mode, 1)
			for _, step := range tt.steps {
				step(r)
			}
			assert.Equal(t, tt.stops, r.stopped)
			if tt.stops {
				<-stopped
			}
			r.End()
			r.End()
			err := r.Result()
			if tt.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, tt.want)
			}
		})
	}
}

func TestARunOfWhichNothingWasRead(t *testing.T) {
	first, second := component.MustNewID("appusage"), component.MustNewIDWithName("appusage", "second")
	r := New(Shown, time.Hour, func(ending <-chan struct{}) { <-ending })
	r.Promises(trust.Destination{Stats: []string{"USAGE"}})
	r.Begin(trust.On, 2)
	r.Unread(trust.Unread{Receiver: first, Failures: []string{"sources::db: no", "metrics::a: neither"}})
	r.Unread(trust.Unread{Receiver: first, Failures: []string{"sources::db: no", "metrics::a: neither"}})
	assert.False(t, r.stopped, "the second may have more luck")
	r.Unread(trust.Unread{Receiver: second, Failures: []string{"sources::db: no"}})
	assert.True(t, r.stopped)
	r.End()
	assert.EqualError(t, r.Result(), "USAGE: nothing came of it\nevery reading of appusage failed: sources::db: no; metrics::a: neither\nevery reading of appusage/second failed: sources::db: no")

	delivers := New(Delivered, time.Hour, func(ending <-chan struct{}) { <-ending })
	delivers.Promises(trust.Destination{Stats: []string{"USAGE"}})
	delivers.Begin(trust.On, 1)
	delivers.Unread(trust.Unread{Receiver: first})
	assert.False(t, delivers.stopped, "what waits from an earlier run may be delivered")
	delivers.End()
}

func TestARunThatNobodyTells(t *testing.T) {
	stopped := make(chan struct{})
	r := New(Shown, time.Millisecond, func(<-chan struct{}) { close(stopped) })
	r.Begin(trust.On, 1)
	<-stopped
	r.End()
	assert.EqualError(t, r.Result(), "no exporter said what it would send: name this extension under its consent key")
}

func TestARunPastItsDeadline(t *testing.T) {
	stopped := make(chan struct{})
	r := New(Delivered, time.Millisecond, func(<-chan struct{}) { close(stopped) })
	r.Promises(trust.Destination{Stats: []string{"USAGE"}})
	r.Begin(trust.On, 1)
	<-stopped
	r.End()
	assert.EqualError(t, r.Result(), "USAGE: nothing came of it; the deadline of 1ms has passed")
}

func TestARunThatNeverBegan(t *testing.T) {
	r := New(Shown, time.Hour, func(<-chan struct{}) { t.Error("nobody asked") })
	r.Promises(trust.Destination{Stats: []string{"USAGE"}})
	r.End()
	assert.NoError(t, r.Result(), "why the program did not start is said by who knows it")
}

func TestSummary(t *testing.T) {
	next := time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)
	r := New(Delivered, time.Hour, func(ending <-chan struct{}) { <-ending })
	r.Promises(trust.Destination{Stats: []string{"QUERY_RUN", "STARTUP_STATS"}})
	r.Begin(trust.On, 1)
	r.Unsent(trust.Unsent{Stat: "QUERY_RUN", Reason: trust.NotDue})
	r.Due("QUERY_RUN", next)
	line, anything := r.Summary()
	assert.Equal(t, "QUERY_RUN not due before 2026-12-03 12:00 UTC", line)
	assert.False(t, anything, "of which nobody has to hear")
	r.Delivered(trust.Delivery{Stat: "STARTUP_STATS", Host: "collect.example.com:443", Status: 204, Verdict: trust.Accepted})
	r.Due("STARTUP_STATS", next)
	line, anything = r.Summary()
	assert.True(t, anything)
	assert.Equal(t, "QUERY_RUN not due before 2026-12-03 12:00 UTC; STARTUP_STATS accepted by collect.example.com:443, next due 2026-12-03 12:00 UTC", line)
	r.End()
	assert.NoError(t, r.Result())
}
