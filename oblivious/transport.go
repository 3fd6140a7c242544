// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/oblivious/bhttp"
)

// maxResponse is how much of an answer is read: the largest size, and what sealing adds.
const maxResponse = 20 << 10

// Transport is an http.RoundTripper that has a relay pass on each request. Its
// answers are the gateway's, from inside; what comes from outside is an error:
// a RelayError, or a failure of the connection to the relay. It follows no
// redirects, and never sends a request by another way.
type Transport struct {
	// Relay is the URL that takes encapsulated requests.
	Relay string
	// Key is the gateway's, the same for every installation.
	Key *PublicKey
	// Base makes the outer requests: with no compression, no credentials and no headers of its own.
	Base http.RoundTripper

	// Now is the clock of the inner Date; time.Now without it.
	Now func() time.Time
}

// RelayError is an outer answer that holds no encapsulated response. Whether the
// relay or the gateway gave it cannot be seen; nothing that the makers' endpoint
// says comes this way.
type RelayError struct {
	// Status is the outer HTTP status.
	Status int
	// RetryAfter is the outer Retry-After, as it came.
	RetryAfter string
	// Location is the host that a redirect points to.
	Location string
	// NoKey: the answer says that the gateway does not have the key. A relay can forge
	// that, so that it is no reason to fetch another one.
	NoKey bool
}

func (e *RelayError) Error() string {
	switch {
	case e.Location != "":
		return fmt.Sprintf("the relay redirects to %s with status %d, which is not followed: write that relay, if you trust it", e.Location, e.Status)
	case e.NoKey:
		return "the makers' gateway behind the relay cannot open the report: it does not have the key any more, for which a newer profile has another one, or the relay changed the report"
	case e.Status == http.StatusOK:
		return "the relay answered with something else than an encapsulated response"
	default:
		return fmt.Sprintf("the relay answered with status %d instead of passing the report on", e.Status)
	}
}

// ConnectionError is a failure to reach the relay, or to read its answer.
type ConnectionError struct{ Err error }

func (e *ConnectionError) Error() string { return "relay: " + e.Err.Error() }

// Unwrap is the failure itself.
func (e *ConnectionError) Unwrap() error { return e.Err }

var _ http.RoundTripper = (*Transport)(nil)

// RoundTrip sends one request, and once more with the gateway's time where that
// says that the inner Date is wrong (RFC 9458, 6.5.1): the clock of an
// installation is not the makers' to judge.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	inner, err := t.inner(req)
	if err != nil {
		return nil, err
	}
	now := time.Now
	if t.Now != nil {
		now = t.Now
	}
	inner.Header.Set("Date", now().UTC().Format(http.TimeFormat))
	answer, err := t.exchange(req.Context(), inner)
	if err == nil && refusesDate(answer) {
		inner.Header.Set("Date", answer.Header.Get("Date"))
		answer, err = t.exchange(req.Context(), inner)
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(answer.Status), StatusCode: answer.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.Header, Body: io.NopCloser(bytes.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)), Request: req,
	}, nil
}

// inner is the request as a binary HTTP message's. Host and length are told by its other parts.
func (t *Transport) inner(req *http.Request) (*bhttp.Request, error) {
	var body []byte
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	header := req.Header.Clone()
	for _, outer := range []string{"Accept-Encoding", "User-Agent", "Connection"} {
		header.Del(outer)
	}
	return &bhttp.Request{Method: req.Method, Scheme: req.URL.Scheme, Authority: req.URL.Host, Path: req.URL.RequestURI(), Header: header, Body: body}, nil
}

// exchange seals a request anew, has the relay pass it on, and opens the answer.
func (t *Transport) exchange(ctx context.Context, inner *bhttp.Request) (*bhttp.Response, error) {
	message, exchange, err := Seal(t.Key, inner.Append(nil, requestSizes...))
	if err != nil {
		return nil, err
	}
	outer, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Relay, bytes.NewReader(message))
	if err != nil {
		return nil, errors.New("the relay's URL cannot be asked")
	}
	outer.GetBody = nil // a request that may have arrived is not sent a second time by net/http (RFC 9458, 6.5)
	outer.Header = http.Header{"Content-Type": {RequestType}, "User-Agent": {""}}
	resp, err := t.Base.RoundTrip(outer)
	if err != nil {
		return nil, &ConnectionError{err}
	}
	defer func() { _ = resp.Body.Close() }()
	sealed, err := readAll(io.LimitReader(resp.Body, maxResponse+1), resp.ContentLength)
	if relay := relayError(resp, sealed); relay != nil {
		return nil, relay
	}
	if err != nil {
		return nil, &ConnectionError{err}
	}
	if len(sealed) > maxResponse {
		return nil, ErrUnreadable
	}
	opened, err := exchange.Open(sealed)
	if err != nil {
		return nil, err
	}
	return bhttp.DecodeResponse(opened)
}

// relayError is nil for an answer that holds an encapsulated response.
func relayError(resp *http.Response, body []byte) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode == http.StatusOK && kind == ResponseType {
		return nil
	}
	e := &RelayError{Status: resp.StatusCode, RetryAfter: resp.Header.Get("Retry-After")}
	e.NoKey = kind == "application/problem+json" && bytes.Contains(body, []byte(keyProblem))
	if target, err := resp.Location(); err == nil {
		e.Location = target.Host
	}
	return e
}

// refusesDate reports whether the gateway refuses the inner Date, and says what time it has.
func refusesDate(answer *bhttp.Response) bool {
	return answer.Status == http.StatusBadRequest && strings.Contains(string(answer.Body), dateProblem) && answer.Header.Get("Date") != ""
}

// CloseIdleConnections closes those to the relay.
func (t *Transport) CloseIdleConnections() {
	if closer, ok := t.Base.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
