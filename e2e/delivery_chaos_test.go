// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The intervals of the two stats that the chaos reports.
const (
	onceInterval = time.Hour       // longer than the test: accepted once for each installation
	oftenRest    = 3 * time.Second // due again and again
)

var chaosInstallations = []string{"i-1", "i-2", "i-3", "i-4", "i-5"}

// TestDeliveryThroughChaos kills the collector at random moments while its endpoint does whatever
// an endpoint can do. In the end every stat that was due has been accepted, and
// none twice within its interval, counted by its Idempotency-Key.
//
// HEADCOUNT_CHAOS_SEED repeats a run's choices, HEADCOUNT_CHAOS_ROUNDS its length.
func TestDeliveryThroughChaos(t *testing.T) {
	seed, rounds := chaosNumber(t, "HEADCOUNT_CHAOS_SEED", rand.Uint64()), chaosNumber(t, "HEADCOUNT_CHAOS_ROUNDS", 200)
	if testing.Short() {
		rounds = min(rounds, 20)
	}
	t.Parallel()
	t.Logf("HEADCOUNT_CHAOS_SEED=%d HEADCOUNT_CHAOS_ROUNDS=%d", seed, rounds)
	makers := newUnreliable(t, seed)
	moments := rand.New(rand.NewPCG(seed, 2))
	state, intake := t.TempDir(), freeLoopback(t)
	config := chaosConfig(t, makers.URL(), state, intake)

	feeding, stop := context.WithCancel(t.Context())
	var feeder sync.WaitGroup
	feeder.Go(func() { feed(feeding, "http://"+intake+"/v1/metrics", chaosInstallations...) })
	t.Cleanup(func() { stop(); feeder.Wait() })

	for range rounds {
		d := start(t, nil, "--config", config)
		time.Sleep(time.Duration(moments.Int64N(int64(1200 * time.Millisecond))))
		require.NoError(t, syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL))
		<-d.done
		require.NotContains(t, d.stderr.String(), "panic:", d.stderr.String())
		if makers.isGone() {
			makers.comeBack(t)
		}
	}
	t.Logf("after %d rounds: %s", rounds, makers)

	makers.calmDown()
	calm := time.Now()
	d := start(t, nil, "--config", config)
	for _, installation := range chaosInstallations {
		require.Eventually(t, func() bool {
			once, often := makers.acceptances(installation, "ONCE"), makers.acceptances(installation, "OFTEN")
			return len(once) > 0 && len(often) > 0 && often[len(often)-1].After(calm)
		}, patience, 20*time.Millisecond, "%s: what was due has been accepted\n%s", installation, makers)
	}
	time.Sleep(2 * oftenRest) // whatever is still queued has its try
	d.stop(t)

	assert.Zero(t, makers.followed, "redirects that were followed")
	for _, installation := range chaosInstallations {
		assert.Len(t, makers.acceptances(installation, "ONCE"), 1, "%s: ONCE", installation)
		often := makers.acceptances(installation, "OFTEN")
		for i := 1; i < len(often); i++ {
			assert.GreaterOrEqual(t, often[i].Sub(often[i-1]), oftenRest-oftenRest/100, "%s: OFTEN %d", installation, i)
		}
	}
}

func chaosNumber(t *testing.T, variable string, otherwise uint64) uint64 {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	number, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return number
}

// listenLoopback listens for a server that comes and goes: below the ports that
// the system gives to others meanwhile.
func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	var listener net.Listener
	require.Eventually(t, func() (free bool) {
		var err error
		listener, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000)))
		return err == nil
	}, patience, time.Millisecond, "no port is free")
	return listener
}

func freeLoopback(t *testing.T) string {
	t.Helper()
	listener := listenLoopback(t)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func chaosConfig(t *testing.T, endpoint, state, intake string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "chaos.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
extensions:
  file_storage: {directory: %q, create_directory: true, fsync: true}
receivers:
  otlp: {protocols: {http: {endpoint: %q}}}
processors:
  anonymizer:
    metrics:
      app.users: {round: {to: 5}}
    resource:
      service.instance.id: {keep: true}
exporters:
  collect:
    endpoint: %s
    timeout: 300ms
    storage: file_storage
    sending_queue: {storage: file_storage}
    retry_on_failure: {initial_interval: 20ms, max_interval: 200ms}
    stats:
      ONCE:  {interval: %s, value: {users: {metric: app.users}}}
      OFTEN: {interval: %s, value: {users: {metric: app.users}}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics: {receivers: [otlp], processors: [anonymizer], exporters: [collect]}
`, state, intake, endpoint, onceInterval, oftenRest), 0o644))
	return file
}

// feed plays the applications: one report of each installation after the other, whoever listens.
func feed(ctx context.Context, url string, installations ...string) {
	client := &http.Client{Timeout: 200 * time.Millisecond}
	defer client.CloseIdleConnections()
	for users := 0; ctx.Err() == nil; users++ {
		body := fmt.Sprintf(`{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":%q}}]},
			"scopeMetrics":[{"metrics":[{"name":"app.users","gauge":{"dataPoints":[{"asInt":"%d","timeUnixNano":"%d"}]}}]}]}]}`,
			installations[users%len(installations)], users, time.Now().UnixNano())
		if resp, err := client.Post(url, "application/json", bytes.NewReader([]byte(body))); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// unreliable is a collect endpoint that answers, refuses, stalls, resets, dribbles,
// redirects, answers garbage, closes early or is gone. It heeds Idempotency-Key.
type unreliable struct {
	address  string
	mu       sync.Mutex
	server   *httptest.Server
	random   *rand.Rand
	calm     bool
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

// comeBack listens again where the endpoint was.
func (u *unreliable) comeBack(t *testing.T) {
	t.Helper()
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

func (u *unreliable) calmDown() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calm = true
}

func (u *unreliable) acceptances(installation, stat string) []time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]time.Time(nil), u.when[[2]string{installation, stat}]...)
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
	if u.calm {
		mood = 0
	}
	if mood <= 3 || (mood <= 9 && counted) {
		u.accept(stat, r.Header.Get("Idempotency-Key"))
	}
	if mood == 15 && !u.gone {
		u.gone = true
		server := u.server
		go func() { // a request cannot wait for its own end
			_ = server.Listener.Close()
			server.CloseClientConnections()
		}()
	}
	u.mu.Unlock()

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
			time.Sleep(20 * time.Millisecond)
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
	case 10: // redirects to where it would be accepted
		http.Redirect(w, r, "/accept", http.StatusTemporaryRedirect)
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
