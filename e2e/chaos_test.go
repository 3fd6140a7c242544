// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moods are what a collect endpoint does on a bad day.
func moods(seed uint64) func(http.ResponseWriter, *http.Request) {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 0))
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		roll := dice.IntN(8)
		mu.Unlock()
		switch roll {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2: // a stall
			select {
			case <-r.Context().Done():
			case <-time.After(time.Second):
			}
		case 3: // the connection breaks
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusOK)
		}
	}
}

// Through refusals, stalls and kills, the ledger holds what the endpoint received, byte for byte.
func TestTheLedgerThroughChaos(t *testing.T) {
	t.Parallel()
	const seed = 7
	makers := newEndpoint(t)
	makers.answers(moods(seed))
	s := newSite(makers, t)
	s.more = []string{
		"--config", "yaml:exporters::collect::timeout: 300ms", "--config", "yaml:exporters::collect::retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}",
		"--config", "yaml:receivers::appusage::collection_interval: 100ms", "--config", "yaml:exporters::collect::stats::STARTUP_STATS::interval: 100ms",
	}
	db := open(t, s.database)
	_, err := db.Exec("PRAGMA busy_timeout = 10000") // while it is being read
	require.NoError(t, err)
	dice := rand.New(rand.NewPCG(seed, 1))
	for range 6 {
		d := s.start(t)
		d.says(t, "Everything is ready")
		for range 4 { // the numbers change, so the bodies do
			_, err := db.Exec("INSERT INTO explorer_databaseconnection(alias, engine, host, \"default\") VALUES (hex(randomblob(8)), 'sqlite', '', 0)")
			require.NoError(t, err)
			time.Sleep(time.Duration(200+dice.IntN(400)) * time.Millisecond) // the site's own pace, so that the kill comes at any moment
		}
		require.NoError(t, d.signal(syscall.SIGKILL))
		d.ends(t)
	}
	makers.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	d := s.start(t)
	d.says(t, "Everything is ready")
	came := len(makers.received())
	arrived := map[string]int{}
	require.Eventually(t, func() bool {
		posts := makers.received()
		clear(arrived)
		for _, p := range posts {
			arrived[p.header.Get("Idempotency-Key")+" "+p.body]++
		}
		return len(posts) >= came+3 && len(arrived) > 10
	}, patience, 20*time.Millisecond, "it goes on reporting")
	d.stop(t)

	s.env["HEADCOUNT_MODE"] = "local" // nothing more is sent while the ledger is read
	d = s.start(t)
	inLedger := map[string]kept{}
	for _, e := range ledgerOf(t, d) {
		inLedger[e.Key+" "+e.Body] = e
	}
	clear(arrived)
	for _, p := range makers.received() {
		arrived[p.header.Get("Idempotency-Key")+" "+p.body]++
	}
	for body, times := range arrived {
		e, ok := inLedger[body]
		assert.True(t, ok, "it arrived %d times, and the ledger does not know: %s", times, body)
		assert.Positive(t, e.Tries) // net/http repeats a request with an Idempotency-Key by itself when a connection breaks
	}
	for body, e := range inLedger {
		if e.Status != 0 { // a kill between the note and the request leaves one without an answer
			assert.Positive(t, arrived[body], "it was answered, so it arrived: %s", body)
		}
	}
}
