// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// Moods of an endpoint that others than itself choose.
const (
	anyMood = -1
	accepts = 0
	refuses = 11 // 503, with Retry-After
)

// unreliable is a collect endpoint that answers, refuses, stalls, resets, dribbles,
// redirects, answers garbage, closes early or is gone. It heeds Idempotency-Key.
type unreliable struct {
	address  string
	mu       sync.Mutex
	server   *httptest.Server
	random   *rand.Rand
	mood     int // the one that it keeps to, or anyMood
	gone     bool
	requests int
	followed int                       // redirects
	accepted map[string]bool           // by Idempotency-Key
	when     map[[2]string][]time.Time // by installation and stat
}

func newUnreliable(t *testing.T, seed uint64) *unreliable {
	t.Helper()
	listener := listenLoopback(t)
	u := &unreliable{
		address:  listener.Addr().String(),
		mood:     anyMood,
		random:   rand.New(rand.NewPCG(seed, 1)),
		accepted: map[string]bool{},
		when:     map[[2]string][]time.Time{},
	}
	u.serve(listener)
	t.Cleanup(func() { u.server.CloseClientConnections(); u.server.Close() })
	return u
}

func (u *unreliable) URL() string { return "http://" + u.address + "/stat" }

func (u *unreliable) String() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return fmt.Sprintf("%d requests, %d keys accepted", u.requests, len(u.accepted))
}

// hangUp closes the connections that clients keep for their next request.
func (u *unreliable) hangUp() {
	u.mu.Lock()
	server := u.server
	u.mu.Unlock()
	server.CloseClientConnections()
}

// comeBack listens again where the endpoint was, if it is gone.
func (u *unreliable) comeBack(t *testing.T) {
	t.Helper()
	if !u.isGone() {
		return
	}
	listener, err := net.Listen("tcp", u.address)
	require.NoError(t, err)
	u.serve(listener)
}

func (u *unreliable) serve(listener net.Listener) {
	server := httptest.NewUnstartedServer(u)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.server, u.gone = server, false
}

func (u *unreliable) isGone() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.gone
}

// goAway closes the port and what is connected to it, and does not wait for the latter: a request cannot wait for its
// own end.
func (u *unreliable) goAway() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.gone {
		return
	}
	u.gone = true
	_ = u.server.Listener.Close() // before it is known to be gone: it may come back at once
	go u.server.CloseClientConnections()
}

func (u *unreliable) calmDown() { u.keeps(accepts) }

// keeps to one mood from now on.
func (u *unreliable) keeps(mood int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.mood = mood
}

func (u *unreliable) acceptances(installation, stat string) []time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]time.Time(nil), u.when[[2]string{installation, stat}]...)
}

// acceptedOnceAnInterval expects that no two acceptances, counted by Idempotency-Key, lie within the
// interval, less the one percent by which a tick may come early.
func (u *unreliable) acceptedOnceAnInterval(t *testing.T, installation, stat string, interval time.Duration) {
	t.Helper()
	accepted := u.acceptances(installation, stat)
	for i := 1; i < len(accepted); i++ {
		assert.GreaterOrEqual(t, accepted[i].Sub(accepted[i-1]), interval-interval/100, "%s: %s %d", installation, stat, i)
	}
}

// accept counts a stat, once for each key. The caller holds mu.
func (u *unreliable) accept(r report, key string) {
	if !u.accepted[key] {
		u.accepted[key] = true
		of := [2]string{r.InstanceID, r.Name}
		u.when[of] = append(u.when[of], time.Now())
	}
}

func (u *unreliable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var stat report
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &stat) != nil {
		return
	}
	u.mu.Lock()
	u.requests++
	if r.URL.Path != "/stat" {
		u.followed++
	}
	mood := u.random.IntN(16)
	counted := u.random.IntN(2) == 0 // whether it is accepted although the answer does not say so
	if u.mood != anyMood {
		mood = u.mood
	}
	if mood <= 3 || (mood <= 9 && counted) {
		u.accept(stat, r.Header.Get("Idempotency-Key"))
	}
	u.mu.Unlock()
	if mood == 15 {
		u.goAway()
	}

	switch mood {
	case 0, 1:
		w.WriteHeader(http.StatusOK)
	case 2:
		w.WriteHeader(http.StatusNoContent)
	case 3: // dribbles
		w.WriteHeader(http.StatusOK)
		for range 20 {
			if _, err := io.WriteString(w, "."); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond) // an answer that drips is slow by itself
		}
	case 4: // stalls
		select {
		case <-r.Context().Done():
		case <-time.After(time.Second):
		}
	case 5, 6, 7, 8: // resets, closes early, answers garbage or half a header
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		switch mood {
		case 5:
			_ = conn.(*net.TCPConn).SetLinger(0)
		case 7:
			_, _ = io.WriteString(conn, "what?\r\n\r\n")
		case 8:
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
		}
		_ = conn.Close()
	case 9:
		w.WriteHeader(http.StatusInternalServerError)
	case 10: // redirects to where it would be accepted; as after a refusal, ONCE would rest for longer than the test
		if stat.Name == "OFTEN" {
			http.Redirect(w, r, "/accept", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusBadGateway)
	case 11:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	case 12:
		w.Header().Set("Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
	case 13: // refuses; ONCE would rest for longer than the test
		if stat.Name == "OFTEN" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusBadGateway)
	default:
		w.WriteHeader(http.StatusGatewayTimeout)
	}
}

// listenLoopback listens for a server that comes and goes.
func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", porttest.Address(t))
	require.NoError(t, err)
	return listener
}
