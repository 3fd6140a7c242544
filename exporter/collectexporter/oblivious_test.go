// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/oblivious"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// counting is a makers' endpoint that counts each report once by its key.
type counting struct {
	mu      sync.Mutex
	counted map[string]int
	keys    map[string]bool
}

func (c *counting) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Header.Get("Idempotency-Key")
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.keys[key] {
		c.keys[key] = true
		c.counted[string(body)]++
	}
	w.WriteHeader(http.StatusAccepted)
}

func (c *counting) all() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.counted)
}

// moodyRelay treats each message it gets as the next of its moods says.
type moodyRelay struct {
	gateway http.Handler
	mu      sync.Mutex
	turn    int
	before  *httptest.ResponseRecorder
	direct  int // requests that were not encapsulated
}

// pass has the gateway answer.
func (m *moodyRelay) pass(r *http.Request, message []byte) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	to := r.Clone(r.Context())
	to.Body = io.NopCloser(bytes.NewReader(message))
	m.gateway.ServeHTTP(answer, to)
	return answer
}

func (m *moodyRelay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	message, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	m.mu.Lock()
	mood := m.turn % len(moods)
	m.turn++
	if r.Header.Get("Content-Type") != oblivious.RequestType {
		m.direct++
	}
	m.mu.Unlock()
	moods[mood](m, w, r, message)
}

// hang ends the connection without an answer.
func hang() { panic(http.ErrAbortHandler) }

func relayed(w http.ResponseWriter, answer *httptest.ResponseRecorder, body []byte) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
}

// moods are what goes wrong at a relay, before the report has come to the makers and after.
var moods = []func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte){
	func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte) { // as it should be
		answer := m.pass(r, message)
		relayed(w, answer, answer.Body.Bytes())
	},
	func(*moodyRelay, http.ResponseWriter, *http.Request, []byte) { hang() },
	func(m *moodyRelay, _ http.ResponseWriter, r *http.Request, message []byte) { // the answer is lost
		m.pass(r, message)
		hang()
	},
	func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte) { // passed on twice
		m.pass(r, message)
		answer := m.pass(r, message)
		relayed(w, answer, answer.Body.Bytes())
	},
	func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte) { // an answer cut short
		answer := m.pass(r, message)
		relayed(w, answer, answer.Body.Bytes()[:answer.Body.Len()/2])
	},
	func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte) { // another report's answer
		answer := m.pass(r, message)
		m.mu.Lock()
		answer, m.before = m.before, answer
		m.mu.Unlock()
		if answer == nil {
			hang()
		}
		relayed(w, answer, answer.Body.Bytes())
	},
	func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte) { // taken in, and the relay fails
		m.pass(r, message)
		w.WriteHeader(http.StatusBadGateway)
	},
	func(_ *moodyRelay, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.WriteHeader(http.StatusNotFound)
	},
	func(_ *moodyRelay, w http.ResponseWriter, r *http.Request, _ []byte) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	},
	func(m *moodyRelay, w http.ResponseWriter, r *http.Request, message []byte) { // changed on its way
		changed := bytes.Clone(message)
		changed[len(changed)-1] ^= 1
		answer := m.pass(r, changed)
		relayed(w, answer, answer.Body.Bytes())
	},
	func(_ *moodyRelay, w http.ResponseWriter, _ *http.Request, _ []byte) { // nobody's words
		w.Header().Set("Content-Type", oblivious.ResponseType)
		_, _ = io.WriteString(w, "words")
	},
}

// Whatever a relay does, each report is counted once by its key, none is lost, and none
// takes another way.
func TestCountThroughAChaoticRelay(t *testing.T) {
	const installations = 22
	key, err := oblivious.GenerateKey(1, oblivious.X25519)
	require.NoError(t, err)
	keys, err := oblivious.NewGateway(key)
	require.NoError(t, err)
	makers := &counting{counted: map[string]int{}, keys: map[string]bool{}}
	relay := &moodyRelay{gateway: &oblivious.Handler{Gateway: keys, Inner: http.HandlerFunc(makers.answer), Window: time.Hour}}
	server := httptest.NewServer(relay)
	t.Cleanup(server.Close)

	site := trusttest.NewExtension(trust.On)
	h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil), consentID: site}
	r := newRig(t, "https://makers.invalid/stat", h, func(cfg *Config) {
		consenting(cfg)
		cfg.Oblivious = configoptional.Some(endpoint.Oblivious{Relay: server.URL + "/makers", Keys: oblivious.KeysText(&key.PublicKey)})
		cfg.RetryOnFailure.MaxInterval = 20 * time.Millisecond
	}).start(t)
	for n := range installations {
		r.scrape(t, fmt.Sprint("i-", n), int64(n))
	}
	accepted := func() (n int) {
		for _, d := range site.AllDeliveries() {
			if d.Verdict == trust.Accepted {
				n++
			}
		}
		return n
	}
	require.Eventually(t, func() bool { return accepted() == installations }, patience, 5*time.Millisecond, "some reports never came")
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Equal(t, installations, makers.all())
	for body, times := range makers.counted {
		assert.Equal(t, 1, times, body)
	}
	relay.mu.Lock()
	defer relay.mu.Unlock()
	assert.Zero(t, relay.direct)
	assert.Greater(t, relay.turn, installations, "the relay had all of its moods")
}
