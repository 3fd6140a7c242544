// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func keyOf(installation string) pacing.Key { return pacing.NewKey(installation, "STARTUP") }

func TestStatusClasses(t *testing.T) {
	for code, want := range map[int]struct{ accepted, refused, retried bool }{
		200: {accepted: true}, 201: {accepted: true}, 202: {accepted: true}, 204: {accepted: true},
		301: {refused: true}, 302: {refused: true}, 303: {refused: true}, 304: {retried: true}, 307: {refused: true}, 308: {refused: true},
		400: {refused: true}, 401: {refused: true}, 404: {refused: true}, 408: {refused: true}, 413: {refused: true}, 418: {refused: true},
		421: {refused: true}, 425: {refused: true}, 431: {refused: true}, 451: {refused: true},
		429: {retried: true}, 500: {retried: true}, 502: {retried: true}, 503: {retried: true}, 504: {retried: true}, 511: {retried: true}, 599: {retried: true},
	} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			var elsewhere atomic.Bool
			other := newEndpoint(t, func(http.ResponseWriter, *http.Request) { elsewhere.Store(true) })
			makers := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", other.URL+"?SECRET")
				w.WriteHeader(code)
			})
			site := trusttest.NewExtension(trust.On)
			r := newRig(t, makers.URL, trusttest.Host{consentID: site}, func(cfg *Config) { cfg.Consent = &consentID }).start(t)
			err := r.send(t.Context(), scraped("i-1", 20))
			assert.Equal(t, want.retried, err != nil)
			if err != nil {
				assert.Contains(t, err.Error(), "answered with status "+strconv.Itoa(code))
				assert.False(t, consumererror.IsPermanent(err))
			}
			wait, err := r.sender.Tracker.Wait(t.Context(), keyOf("i-1"), "STARTUP", time.Hour)
			require.NoError(t, err)
			assert.Equal(t, want.accepted || want.refused, wait > 0)
			assert.False(t, elsewhere.Load(), "a redirect was followed")
			require.Len(t, site.AllDeliveries(), 1)
			assert.Equal(t, code, site.AllDeliveries()[0].Status)
			accepted := r.logs.FilterMessage("A stat was accepted").All()
			if !want.accepted {
				assert.Empty(t, accepted)
				assert.Contains(t, site.AllDeliveries()[0].Wrong, "answered with status "+strconv.Itoa(code))
			} else if assert.Len(t, accepted, 1, "once, for who looks into a service's log") {
				assert.Equal(t, "STARTUP", accepted[0].ContextMap()["stat"])
				assert.Empty(t, site.AllDeliveries()[0].Wrong)
			}
			for _, entry := range r.logs.All() {
				assert.NotContains(t, fmt.Sprint(entry), "SECRET")
			}
		})
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		makers := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(code)
		})
		r := newRig(t, makers.URL, nil, nil).start(t)
		metrics := scraped("i-1", 20)
		addScraped(metrics, "i-2", 30)
		err := r.send(t.Context(), metrics)
		require.ErrorContains(t, err, "Throttle (1h0m0s)")
		assert.Len(t, makers.received(), 1, "the next stat waits as well")
	}
}

// What failed is tried again, what was accepted is not, and what was not tried comes first.
func TestOnlyWhatFailedIsTriedAgain(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	makers.answers(func(w http.ResponseWriter, _ *http.Request) {
		switch received := makers.received(); received[len(received)-1].stat.InstanceID {
		case "poison":
			w.WriteHeader(http.StatusInternalServerError)
		case "busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r := newRig(t, makers.URL, nil, nil).start(t)
	metrics := pmetric.NewMetrics()
	for _, installation := range []string{"i-1", "poison", "i-2", "busy", "i-3"} {
		addScraped(metrics, installation, 20)
	}
	err := r.send(t.Context(), metrics)
	left := (&request{}).OnError(err).(*request)
	var again []string
	for _, r := range left.reports {
		stat, err := collect.Decode(r.Body)
		require.NoError(t, err)
		again = append(again, stat.InstanceID)
	}
	assert.Equal(t, []string{"i-3", "poison", "busy"}, again)
}

func TestKeyIsKeptUntilAcceptance(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusInternalServerError))
	folder := t.TempDir()
	h := trusttest.Host{storageID: fileStorage(t, folder, nil)}
	first := newRig(t, makers.URL, h, persistent).start(t)
	require.Error(t, first.send(t.Context(), scraped("i-1", 20)))
	require.NoError(t, first.send(t.Context(), scraped("i-1", 30)), "a copy of what is tried again is needless")
	require.NoError(t, first.Shutdown(t.Context()))

	second := newRig(t, makers.URL, h, persistent)
	second.now = afterTheBackoff
	second.start(t)
	makers.answers(status(http.StatusOK))
	require.NoError(t, second.send(t.Context(), scraped("i-1", 40)))
	require.NoError(t, second.Shutdown(t.Context()))

	third := newRig(t, makers.URL, h, func(cfg *Config) {
		persistent(cfg)
		cfg.Stats = startup(time.Millisecond)
	}).start(t)
	require.Eventually(t, func() bool {
		return assert.NoError(t, third.send(t.Context(), scraped("i-1", 50))) && len(makers.received()) == 3
	}, patience, time.Millisecond)
	posts := makers.received()
	key := posts[0].header.Get("Idempotency-Key")
	assert.Equal(t, key, posts[1].header.Get("Idempotency-Key"), "after a restart")
	assert.NotEqual(t, key, posts[2].header.Get("Idempotency-Key"), "the next report")
}

func afterTheBackoff() time.Time { return time.Now().Add(time.Minute) }

// What the endpoint asked for, and the back-off of a report, hold across restarts: a
// fleet of crons does not knock at a server that asked for an hour.
func TestAPauseHoldsAcrossRestarts(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		others int // requests that another installation's report makes
		said   string
	}{
		"Retry-After": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, 0, "asked to be left alone until 20"},
		"back-off": {status(http.StatusInternalServerError), 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			makers := newEndpoint(t, c.answer)
			h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}
			slow := func(cfg *Config) {
				persistent(cfg)
				cfg.RetryOnFailure.InitialInterval = 50 * time.Minute
			}
			begin := func() *rig { return newRig(t, makers.URL, h, slow).start(t) }
			first := begin()
			require.Error(t, first.send(t.Context(), scraped("i-1", 20)))
			require.NoError(t, first.Shutdown(t.Context()))
			require.Len(t, makers.received(), 1)

			for range 5 { // hourly runs of a cron, and each is early
				r := begin()
				require.Error(t, r.send(t.Context(), scraped("i-1", 20)))
				require.NoError(t, r.Shutdown(t.Context()))
				if c.said != "" {
					lines := r.logs.FilterMessageSnippet("could not be delivered").All()
					require.Len(t, lines, 1)
					assert.Contains(t, fmt.Sprint(lines[0].ContextMap()["error"]), c.said)
				}
			}
			assert.Len(t, makers.received(), 1)
			another := begin()
			require.Error(t, another.send(t.Context(), scraped("i-2", 20)))
			require.NoError(t, another.Shutdown(t.Context()))
			assert.Len(t, makers.received(), 1+c.others)

			makers.answers(status(http.StatusOK))
			late := newRig(t, makers.URL, h, slow)
			late.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
			late.start(t)
			require.NoError(t, late.send(t.Context(), scraped("i-1", 20)))
			assert.Len(t, makers.received(), 2+c.others)
		})
	}
}

// Copies of one report, as earlier versions left them in the queue, make one request.
func TestCopiesMakeOneRequest(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	makers := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-release
		w.WriteHeader(http.StatusInternalServerError)
	})
	r := newRig(t, makers.URL, nil, nil).start(t)
	var all sync.WaitGroup
	all.Go(func() { assert.Error(t, r.send(t.Context(), scraped("i-1", 20))) })
	<-inside
	for range 7 {
		require.NoError(t, r.send(t.Context(), scraped("i-1", 20)))
	}
	close(release)
	all.Wait()
	require.NoError(t, r.send(t.Context(), scraped("i-1", 20)), "the first one is tried again")
	assert.Len(t, makers.received(), 1)
}

func TestRefusalIsSaidOncePerStatusAndRests(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusBadRequest))
	site := trusttest.NewExtension(trust.On)
	r := newRig(t, makers.URL, trusttest.Host{consentID: site}, func(cfg *Config) {
		cfg.Consent = &consentID
		cfg.Stats = startup(168 * time.Hour)
	}).start(t)
	for i := range 3 {
		require.NoError(t, r.send(t.Context(), scraped(fmt.Sprint("i-", i), 20)))
		require.NoError(t, r.send(t.Context(), scraped(fmt.Sprint("i-", i), 20)))
	}
	assert.Len(t, makers.received(), 3, "a refused stat rests")
	assert.Equal(t, 1, r.logs.FilterMessageSnippet("refuses").Len())
	makers.answers(status(http.StatusForbidden))
	require.NoError(t, r.send(t.Context(), scraped("i-3", 20)))
	assert.Equal(t, 2, r.logs.FilterMessageSnippet("refuses").Len())
	makers.answers(status(http.StatusOK))
	require.NoError(t, r.send(t.Context(), scraped("i-4", 20)))
	assert.Equal(t, 1, r.logs.FilterMessageSnippet("accepts a stat again").Len())
}

func TestPaceGroup(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	r := newRig(t, makers.URL, nil, func(cfg *Config) {
		cfg.Stats = mapping.Definitions{
			"RUN":    {Interval: time.Hour, Pace: "events", Value: map[string]mapping.Origin{"users": {Metric: "app.users"}}},
			"STREAM": {Interval: time.Hour, Pace: "events", Value: map[string]mapping.Origin{"users": {Metric: "app.users"}}},
			"OTHER":  {Interval: time.Hour, Value: map[string]mapping.Origin{"users": {Metric: "app.users"}}},
		}
	}).start(t)
	require.NoError(t, r.send(t.Context(), scraped("i-1", 20)))
	var names []string
	for _, p := range makers.received() {
		names = append(names, p.stat.Name)
	}
	assert.Equal(t, []string{"OTHER", "RUN"}, names, "one of the pace, and the other stat")
}

func TestUsage(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	r := newRig(t, makers.URL, nil, func(cfg *Config) { cfg.Stats = nil }).start(t)
	r.scrape(t, "i-1", 20)
	got := makers.awaits(t, 1)[0]
	assert.Equal(t, mapping.Usage, got.stat.Name)
	r.scrape(t, "i-1", 20)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Len(t, makers.received(), 1)
}

func TestIncompleteIsSaidOncePerChange(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	r := newRig(t, makers.URL, nil, func(cfg *Config) {
		stat := cfg.Stats["STARTUP"]
		stat.Value["teams"] = mapping.Origin{Metric: "app.teams"}
	}).start(t)
	for range 3 {
		r.scrape(t, "i-1", 20)
	}
	assert.Equal(t, 1, r.logs.FilterMessageSnippet("incomplete").Len())
	assert.Contains(t, r.logs.FilterMessageSnippet("incomplete").All()[0].ContextMap()["missing"], "app.teams")
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Empty(t, makers.received())
}

func TestDryRun(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	folder := t.TempDir()
	site := trusttest.NewExtension(trust.Local)
	r := newRig(t, makers.URL, trusttest.Host{consentID: site, storageID: fileStorage(t, folder, nil)}, func(cfg *Config) {
		persistent(cfg)
		cfg.Consent = &consentID
		cfg.DryRun = true
	}).start(t)
	r.scrape(t, "i-1", 20)
	r.scrape(t, "i-1", 20)
	lines := r.logs.FilterMessageSnippet("Dry run").All()
	require.Len(t, lines, 1, "paced, in memory")
	body := `{"instanceId":"i-1","time":1795392000.0,"value":{"users":20,"version":"5.3"},"name":"STARTUP"}`
	assert.Equal(t, body, lines[0].ContextMap()["body"])
	require.Len(t, site.AllDeliveries(), 1)
	assert.True(t, site.AllDeliveries()[0].DryRun)
	assert.Equal(t, body, string(site.AllDeliveries()[0].Body))
	site.SetMode(trust.Off)
	r.scrape(t, "i-2", 20)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, 1, r.logs.FilterMessageSnippet("Dry run").Len(), "off is off")
	assert.Empty(t, makers.received())
	assert.NoFileExists(t, filepath.Join(folder, memoryFile))
	assert.NoFileExists(t, filepath.Join(folder, queueFile))
}
