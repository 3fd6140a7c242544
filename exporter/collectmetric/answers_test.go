// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
)

func TestAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		answer    http.HandlerFunc
		told      string
		least     time.Duration // until the next look
		most      time.Duration
		sentAgain bool // once that has passed
	}{
		"accepted":    {status(http.StatusNoContent), "", week - week/100 - time.Minute, week - week/100, false},
		"refused":     {status(http.StatusNotFound), "stat WEEKLY is dropped, and rests for a while", 59 * time.Minute, time.Hour, false},
		"error":       {status(http.StatusInternalServerError), "answered with status 500", 2 * time.Second, 8 * time.Second, true},
		"redirect":    {elsewhere, "redirect to https://other.example, and redirects are not followed", 59 * time.Minute, time.Hour, false},
		"busy":        {status(http.StatusServiceUnavailable), "answered with status 503", 2 * time.Second, 8 * time.Second, true},
		"busy, hours": {busy("7200"), "answered with status 429", 2*time.Hour - time.Minute, 2 * time.Hour, true},
		"busy, years": {busy("99999999"), "answered with status 429", 24*time.Hour - time.Minute, 24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			makers := newMakers(t)
			makers.answers(tt.answer)
			a := newApp(t, shop(makers.URL, t.TempDir())...)
			a.freeze()
			a.order(10)
			a.export(t)
			assert.GreaterOrEqual(t, a.next.Load().wait, tt.least)
			assert.LessOrEqual(t, a.next.Load().wait, tt.most)
			if said := told.take(); tt.told != "" {
				require.Len(t, said, 1)
				assert.Contains(t, said[0], tt.told)
				assert.NotContains(t, said[0], "http://")
				assert.NotContains(t, said[0], "SECRET")
			} else {
				assert.Empty(t, said)
			}
			a.impatient()
			a.export(t)
			assert.Len(t, makers.received(), 1, "nor does another process try it earlier")
			if tt.sentAgain {
				a.later(tt.most + time.Second)
				a.export(t)
				posts := makers.received()
				require.Len(t, posts, 2)
				assert.Equal(t, posts[0].header.Get("Idempotency-Key"), posts[1].header.Get("Idempotency-Key"))
			} else {
				assert.Len(t, makers.received(), 1)
			}
			assert.Empty(t, told.take(), "each state of things is told once")
		})
	}
}

func elsewhere(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "https://user:SECRET@other.example/stat?SECRET")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func busy(seconds string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

// A dead endpoint is tried less and less often, and costs one line.
func TestBackOff(t *testing.T) {
	gone := porttest.Address(t)
	a := newApp(t, shop("http://"+gone, t.TempDir())...)
	a.order(10)
	total := time.Duration(0)
	for range 40 {
		a.export(t)
		wait := a.schedule.rest.wait
		assert.LessOrEqual(t, wait, time.Hour+30*time.Minute)
		total += wait
		a.later(wait)
	}
	assert.Greater(t, total, 15*time.Hour)
	assert.Equal(t, []string{"collectmetric: " + gone + ": connection refused"}, told.take())
}

func TestExportEndsWithItsContext(t *testing.T) {
	makers := newMakers(t)
	makers.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	a := newApp(t, shop(makers.URL, t.TempDir(), WithTimeout(100*time.Millisecond))...)
	a.order(10)
	a.export(t)
	said := told.take()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "no answer in time")
}

// Two stats of one exporter: the one that the endpoint refuses does not stand in the other's way.
func TestARefusedStatDoesNotStandInTheWay(t *testing.T) {
	makers := newMakers(t)
	a := newApp(t, shop(makers.URL, t.TempDir(), WithStat("ALSO", week, Field{Key: "orders", Metric: "shop.orders"}))...)
	a.order(10)
	makers.answers(func(w http.ResponseWriter, _ *http.Request) {
		if posts := makers.received(); posts[len(posts)-1].stat.Name == "ALSO" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	a.export(t)
	require.Len(t, makers.received(), 2)
	assert.Len(t, told.take(), 1)
	a.impatient()
	a.export(t)
	assert.Len(t, makers.received(), 2, "the one rests, the other was accepted")
}

// What was never recorded is waited for, without a request, a line or a look at each Export.
func TestIncompleteStats(t *testing.T) {
	makers := newMakers(t)
	a := newApp(t, shop(makers.URL, t.TempDir(),
		WithStat("WEEKLY", week, Field{Key: "orders", Metric: "shop.orders"}, Field{Key: "requests", Metric: "shop.requests"}))...)
	a.export(t)
	assert.Empty(t, told.take(), "nothing of it is there: it speaks of something else")
	assert.Equal(t, time.Minute, a.schedule.stats["WEEKLY"].wait)
	a.order(10)
	a.impatient()
	a.export(t)
	assert.Equal(t, []string{"collectmetric: stat WEEKLY is incomplete and is not sent: metric shop.requests is absent"}, told.take())
	for range 9 {
		a.impatient()
		a.export(t)
	}
	assert.Equal(t, time.Hour, a.schedule.stats["WEEKLY"].wait)
	assert.Empty(t, told.take())
	assert.Empty(t, makers.received())
}
