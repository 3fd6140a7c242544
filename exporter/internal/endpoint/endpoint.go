// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/headcount-otel/headcount/collect/signature"
	"github.com/headcount-otel/headcount/oblivious"
)

// maxAnswer is how much of an answer's body is read before its connection is given up.
const maxAnswer = 16 << 10

// Endpoint is where stats are posted. It is safe for concurrent use.
type Endpoint struct {
	// Host is its host and port, nothing more of its URL.
	Host string
	// Transport makes the requests. It alone: an http.Client would follow redirects and keep cookies.
	Transport http.RoundTripper

	timeout  time.Duration
	template *http.Request
}

// New makes the endpoint of a URL that Check has accepted. A request takes at most
// timeout, from its start to the end of its answer.
func New(ctx context.Context, url string, transport http.RoundTripper, timeout time.Duration, userAgent string) (*Endpoint, error) {
	template, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return nil, errors.New("endpoint: no request can be made of it")
	}
	template.Header = http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {userAgent},
		// An explicit value keeps net/http from asking for gzip.
		"Accept-Encoding": {"identity"},
		"Idempotency-Key": nil, // each request's own
	}
	return &Endpoint{template.URL.Host, transport, timeout, template}, nil
}

// Message is a report on its way to the endpoint.
type Message struct {
	// Body is what is posted.
	Body []byte
	// IdempotencyKey is the same in all tries.
	IdempotencyKey string
	// SignedBy is the key that signs; nil where none does.
	SignedBy ed25519.PrivateKey
}

// Post makes one request. Its error tells the host and the kind of failure only:
// never the URL, a header, or what the endpoint wrote.
func (e *Endpoint) Post(ctx context.Context, m Message) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	req, err := e.request(ctx, m)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: it cannot be signed: %w", e.Host, err)
	}
	resp, err := e.Transport.RoundTrip(req)
	if relay := new(oblivious.RelayError); errors.As(err, &relay) {
		return relayed(relay), fmt.Errorf("%s: %w", e.Host, relay)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %s", e.Host, failure(err))
	}
	defer drain(resp)
	return answerOf(resp), nil
}

func (e *Endpoint) request(ctx context.Context, m Message) (*http.Request, error) {
	req := e.template.WithContext(ctx)
	req.Header = maps.Clone(e.template.Header)
	req.Header["Idempotency-Key"] = []string{m.IdempotencyKey}
	req.ContentLength = int64(len(m.Body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.Body)), nil }
	req.Body, _ = req.GetBody()
	if m.SignedBy == nil {
		return req, nil
	}
	return req, signature.Sign(req, m.Body, m.SignedBy, time.Now())
}

// relayed is what a relay says that did not pass a request on: it may ask to
// wait, and it is no word of the endpoint's.
func relayed(relay *oblivious.RelayError) Answer {
	if relay.Status == http.StatusTooManyRequests || relay.Status == http.StatusServiceUnavailable {
		return Answer{RetryAfter: retryAfter(relay.RetryAfter, time.Now())}
	}
	return Answer{}
}

// drain reads a short answer to its end, which leaves the connection open for the next stat.
func drain(resp *http.Response) {
	if resp.ContentLength != 0 {
		_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	}
	_ = resp.Body.Close()
}

// CloseIdleConnections closes what no request uses, where the transport can.
func (e *Endpoint) CloseIdleConnections() {
	if closer, ok := e.Transport.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
