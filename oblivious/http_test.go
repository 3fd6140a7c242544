// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// makers answers like a collect endpoint, and keeps what reached it.
type makers struct {
	status   int
	requests []*http.Request
	bodies   []string
}

func (m *makers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.requests, m.bodies = append(m.requests, r), append(m.bodies, string(body))
	if m.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "120")
	}
	w.WriteHeader(m.status)
}

// rig is a gateway behind a relay that may be told to misbehave, and a client of it.
type rig struct {
	makers  *makers
	handler *Handler
	relay   func(w http.ResponseWriter, r *http.Request, pass http.Handler)
	client  *Transport

	mu      sync.Mutex
	outer   []*http.Request
	lengths []int
}

// seen are the requests that reached the relay.
func (r *rig) seen() []*http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	key := generated(t, 1, X25519)
	gateway, err := NewGateway(key)
	require.NoError(t, err)
	r := &rig{makers: &makers{status: http.StatusAccepted}}
	r.handler = &Handler{Gateway: gateway, Inner: r.makers, Window: time.Minute}
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.outer, r.lengths = append(r.outer, req), append(r.lengths, len(body))
		r.mu.Unlock()
		req.Body = io.NopCloser(bytes.NewReader(body))
		if r.relay != nil {
			r.relay(w, req, r.handler)
			return
		}
		r.handler.ServeHTTP(w, req)
	}))
	t.Cleanup(relay.Close)
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.DisableCompression = true
	t.Cleanup(base.CloseIdleConnections)
	r.client = &Transport{Relay: relay.URL, Key: published(t, key), Base: base}
	return r
}

func (r *rig) post(t *testing.T, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://collect.example.com/stat?v=1", strings.NewReader(body))
	require.NoError(t, err)
	req.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"k"}, "User-Agent": {"headcount/1.2.3"}, "Accept-Encoding": {"identity"}}
	resp, err := r.client.RoundTrip(req)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	return resp, err
}

func TestTheMakersSeeTheReportAndNobody(t *testing.T) {
	r := newRig(t)
	resp, err := r.post(t, "{}")
	require.NoError(t, err)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)

	require.Len(t, r.makers.requests, 1)
	inside := r.makers.requests[0]
	assert.Equal(t, "POST collect.example.com /stat?v=1", inside.Method+" "+inside.Host+" "+inside.RequestURI)
	assert.Equal(t, "{}", r.makers.bodies[0])
	assert.Empty(t, inside.RemoteAddr)
	inside.Header.Del("Date")
	assert.Equal(t, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"k"}}, inside.Header)

	require.Len(t, r.seen(), 1)
	r.outer[0].Header.Del("Content-Length")
	assert.Equal(t, http.Header{"Content-Type": {RequestType}}, r.outer[0].Header, "the relay learns the type and the length")
}

func TestLengthsTellNothing(t *testing.T) {
	r := newRig(t)
	for length := 0; length < 1400; length += 100 {
		_, err := r.post(t, strings.Repeat("x", length))
		require.NoError(t, err)
	}
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(r.lengths))), 1)
}

func TestTheMakersAnswerIsTheAnswer(t *testing.T) {
	for _, status := range []int{200, 202, 204, 400, 404, 413, 429, 500, 503} {
		r := newRig(t)
		r.makers.status = status
		resp, err := r.post(t, "{}")
		require.NoError(t, err, status)
		assert.Equal(t, status, resp.StatusCode)
		if status == http.StatusTooManyRequests {
			assert.Equal(t, "120", resp.Header.Get("Retry-After"))
		}
	}
}

func TestARelayThatMisbehaves(t *testing.T) {
	var kept []byte
	for name, tt := range map[string]struct {
		relay func(w http.ResponseWriter, r *http.Request, pass http.Handler)
		want  string
	}{
		"an error of its own": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusBadGateway)
		}, "the relay answered with status 502"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "https://other.example.com/x?secret=1", http.StatusFound)
		}, "the relay redirects to other.example.com with status 302"},
		"a page": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			_, _ = io.WriteString(w, "<html>welcome</html>")
		}, "something else than an encapsulated response"},
		"a chunked response": {func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "message/ohttp-chunked-res")
		}, "something else than an encapsulated response"},
		"a cut response": {func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
			recorded := httptest.NewRecorder()
			pass.ServeHTTP(recorded, r)
			w.Header().Set("Content-Type", ResponseType)
			_, _ = w.Write(recorded.Body.Bytes()[:100])
		}, "does not open"},
		"another request's response": {func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
			recorded := httptest.NewRecorder()
			pass.ServeHTTP(recorded, r)
			w.Header().Set("Content-Type", ResponseType)
			_, _ = w.Write(kept)
			kept = recorded.Body.Bytes()
		}, "does not open"},
		"a closed connection": {func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }, "relay: "},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.relay = tt.relay
			_, err := r.post(t, "{}")
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "secret")
			assert.Len(t, r.seen(), 1, "nothing is repeated, and nothing goes another way")
		})
	}
}

func TestTheGatewayForgetsItsKey(t *testing.T) {
	r := newRig(t)
	var err error
	r.handler.Gateway, err = NewGateway(generated(t, 9, X25519))
	require.NoError(t, err)
	_, err = r.post(t, "{}")
	require.ErrorContains(t, err, "cannot open the report: it does not have the key any more")
	assert.Empty(t, r.makers.requests)
}

// A clock that is wrong is not the installation's fault: the gateway's time is taken, once.
func TestAClockThatIsWrong(t *testing.T) {
	r := newRig(t)
	r.client.Now = func() time.Time { return time.Now().Add(-48 * time.Hour) }
	resp, err := r.post(t, "{}")
	require.NoError(t, err)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
	assert.Len(t, r.seen(), 2)
	assert.Len(t, r.makers.requests, 1)
}

func TestAReplayOutsideTheWindowIsRefused(t *testing.T) {
	r := newRig(t)
	var message []byte
	r.relay = func(w http.ResponseWriter, req *http.Request, pass http.Handler) {
		message, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(message))
		pass.ServeHTTP(w, req)
	}
	_, err := r.post(t, "{}")
	require.NoError(t, err)
	r.handler.Now = func() time.Time { return time.Now().Add(time.Hour) }
	replay := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(message))
	replay.Header.Set("Content-Type", RequestType)
	recorded := httptest.NewRecorder()
	r.handler.ServeHTTP(recorded, replay)
	assert.Equal(t, http.StatusOK, recorded.Code, "the refusal is inside")
	assert.Len(t, r.makers.requests, 1)
}

func TestOutsideErrors(t *testing.T) {
	r := newRig(t)
	post := func(kind string, body []byte) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		req.Header.Set("Content-Type", kind)
		recorded := httptest.NewRecorder()
		r.handler.ServeHTTP(recorded, req)
		return recorded
	}
	assert.Equal(t, http.StatusUnsupportedMediaType, post("message/ohttp-chunked-req", nil).Code)
	assert.Equal(t, http.StatusBadRequest, post(RequestType, nil).Code)
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(RequestType, make([]byte, MaxMessage+1)).Code)
	unknown := post(RequestType, append([]byte{9, 0, 32, 0, 1, 0, 1}, make([]byte, 64)...))
	assert.Equal(t, http.StatusBadRequest, unknown.Code)
	assert.Contains(t, unknown.Body.String(), keyProblem)

	recorded := httptest.NewRecorder()
	r.handler.ServeHTTP(recorded, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, recorded.Code)
}

func TestAnswersHaveOneLength(t *testing.T) {
	lengths := map[int]bool{}
	for _, status := range []int{202, 204, 400, 429, 503} {
		r := newRig(t)
		r.makers.status = status
		r.relay = func(w http.ResponseWriter, req *http.Request, pass http.Handler) {
			recorded := httptest.NewRecorder()
			pass.ServeHTTP(recorded, req)
			lengths[recorded.Body.Len()] = true
			w.Header().Set("Content-Type", ResponseType)
			_, _ = w.Write(recorded.Body.Bytes())
		}
		_, err := r.post(t, "{}")
		require.NoError(t, err)
	}
	assert.Len(t, lengths, 1)
}

func TestServeKeys(t *testing.T) {
	key := generated(t, 3, XWing)
	recorded := httptest.NewRecorder()
	ServeKeys(&key.PublicKey).ServeHTTP(recorded, httptest.NewRequest(http.MethodGet, "/.well-known/ohttp-gateway", nil))
	assert.Equal(t, KeysType, recorded.Header().Get("Content-Type"))
	keys, err := ParseKeys(recorded.Body.Bytes())
	require.NoError(t, err)
	assert.EqualValues(t, 3, keys[0].ID)
}
