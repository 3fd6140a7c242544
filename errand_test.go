// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
)

func TestErrand(t *testing.T) {
	const first, second = "FIRST", "SECOND"
	accepted := func(stat string) func(*errand) {
		return func(e *errand) { e.Delivered(trust.Delivery{Stat: stat, Status: 204}) }
	}
	answered := func(stat string, status int) func(*errand) {
		return func(e *errand) { e.Delivered(trust.Delivery{Stat: stat, Status: status}) }
	}
	dry := func(stat string) func(*errand) {
		return func(e *errand) { e.Delivered(trust.Delivery{Stat: stat, DryRun: true}) }
	}
	unsent := func(stat string, reason trust.Reason, missing ...string) func(*errand) {
		return func(e *errand) { e.Unsent(trust.Unsent{Stat: stat, Reason: reason, Missing: missing}) }
	}
	due := func(stat string, in time.Duration) func(*errand) {
		return func(e *errand) { e.Due(stat, time.Now().Add(in)) }
	}
	type steps = []func(*errand)
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
		"after a refusal for now":         {Delivered, trust.On, steps{accepted(first), answered(second, 503), answered(second, 0), answered(second, 429), accepted(second)}, true, ""},
		"refused for now":                 {Delivered, trust.On, steps{accepted(first), answered(second, 503)}, false, "SECOND: nothing came of it"},
		"refused for good":                {Delivered, trust.On, steps{accepted(first), answered(second, 400)}, true, "SECOND: answered 400"},
		"not due":                         {Delivered, trust.On, steps{unsent(first, trust.NotDue), due(second, time.Hour)}, true, ""},
		"due now is not delivered":        {Delivered, trust.On, steps{accepted(first), due(second, -time.Hour)}, false, "SECOND: nothing came of it"},
		"withheld in the middle":          {Delivered, trust.On, steps{accepted(first), unsent(second, trust.Withheld)}, true, ""},
		"delivery, but off":               {Delivered, trust.Off, nil, true, ""},
		"delivery, but local":             {Delivered, trust.Local, nil, true, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stopped := make(chan struct{})
			e := newErrand(tt.until, time.Hour, func(ending <-chan struct{}) { close(stopped); <-ending })
			e.Promises(trust.Destination{Stats: []string{first, second}})
			e.begin(tt.mode)
			for _, step := range tt.steps {
				step(e)
			}
			assert.Equal(t, tt.stops, e.stopped)
			if tt.stops {
				<-stopped
			}
			e.ends()
			e.ends()
			err := e.result()
			if tt.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, tt.want)
			}
		})
	}
}

func TestAnErrandThatNobodyTells(t *testing.T) {
	stopped := make(chan struct{})
	e := newErrand(Shown, time.Millisecond, func(<-chan struct{}) { close(stopped) })
	e.begin(trust.On)
	<-stopped
	e.ends()
	assert.EqualError(t, e.result(), "no exporter said what it would send: name this extension under its consent key")
}

func TestAnErrandPastItsDeadline(t *testing.T) {
	stopped := make(chan struct{})
	e := newErrand(Delivered, time.Millisecond, func(<-chan struct{}) { close(stopped) })
	e.Promises(trust.Destination{Stats: []string{"USAGE"}})
	e.begin(trust.On)
	<-stopped
	e.ends()
	assert.EqualError(t, e.result(), "USAGE: nothing came of it\nthe deadline of 1ms has passed")
}

func TestAnErrandThatNeverBegan(t *testing.T) {
	e := newErrand(Shown, time.Hour, func(<-chan struct{}) { t.Error("nobody asked") })
	e.Promises(trust.Destination{Stats: []string{"USAGE"}})
	e.ends()
	assert.NoError(t, e.result(), "why the program did not start is said by who knows it")
}

// The test's own process is the one that is asked to end.
func TestTheProgramIsAskedToEnd(t *testing.T) {
	over := &shelf{}
	r := run(t, over, func(c *Config) { c.Until, c.Mode, c.Endpoint = Delivered, "local", "" }, nil)
	assert.True(t, r.errand.stopped)
	require.NoError(t, r.stop())
}

func TestAPreviewKeepsNothing(t *testing.T) {
	over := &shelf{}
	r := run(t, over, func(c *Config) { c.Until, c.Endpoint = Shown, "" }, nil)
	r.Promises(trust.Destination{Stats: []string{"USAGE"}})
	r.Delivered(trust.Delivery{Stat: "USAGE", Body: []byte(`{}`), DryRun: true})
	client, err := r.GetClient(t.Context(), component.KindReceiver, disk, "")
	require.NoError(t, err)
	require.NoError(t, client.Set(t.Context(), "cursor", []byte("7")))
	stored, err := client.Get(t.Context(), "cursor")
	require.NoError(t, err)
	assert.Equal(t, []byte("7"), stored)
	require.NoError(t, client.Delete(t.Context(), "cursor"))
	stored, err = client.Get(t.Context(), "cursor")
	require.NoError(t, err)
	assert.Nil(t, stored)
	require.NoError(t, client.Close(t.Context()))
	require.NoError(t, r.stop())
	assert.Empty(t, over.content())

	r = run(t, over, nil, nil)
	_, err = r.GetClient(t.Context(), component.KindReceiver, disk, "")
	require.ErrorContains(t, err, "write the id of a storage extension")
}

func TestAPreviewHeedsTheSwitch(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	r.press("off")
	require.NoError(t, r.stop())
	r = start(t, over, func(c *Config) { c.Until, c.Endpoint = Shown, "" }, nil)
	assert.Equal(t, "off", r.mode())
}
