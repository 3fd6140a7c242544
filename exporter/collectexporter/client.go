// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
)

const (
	// maxAnswer is how much of an answer's body is read before its connection is given up.
	maxAnswer = 16 << 10
	// maxRetryAfter bounds what an endpoint may ask for.
	maxRetryAfter = 24 * time.Hour
)

// client posts stats to the one endpoint.
type client struct {
	http     *http.Client
	host     string
	timeout  time.Duration
	template *http.Request
}

// answer is what the endpoint said.
type answer struct {
	status int
	// retryAfter is how long a 429 or 503 asks to wait; 0 when it does not say.
	retryAfter time.Duration
}

func newClient(ctx context.Context, cfg confighttp.ClientConfig, host component.Host, set component.TelemetrySettings, userAgent string) (*client, error) {
	// Without a tracer confighttp adds no instrumentation, which would send a
	// traceparent and put the URL's query into spans.
	set.TracerProvider = nil
	httpClient, err := cfg.ToClient(ctx, host.GetExtensions(), set)
	if err != nil {
		return nil, err
	}
	template, err := http.NewRequestWithContext(ctx, http.MethodPost, cfg.Endpoint, http.NoBody)
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
	return &client{httpClient, template.URL.Host, cfg.Timeout, template}, nil
}

// post makes one request. Its error tells the host and the kind of failure only:
// never the URL, a header, or what the endpoint wrote.
func (c *client) post(ctx context.Context, body []byte, key string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	// The transport alone: an http.Client would follow redirects and keep cookies.
	resp, err := c.http.Transport.RoundTrip(c.request(ctx, body, key))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %s", c.host, failure(err))
	}
	defer drain(resp)
	said := answer{status: resp.StatusCode}
	if said.asksToWait() {
		said.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return said, nil
}

func (c *client) request(ctx context.Context, body []byte, key string) *http.Request {
	req := c.template.WithContext(ctx)
	req.Header = maps.Clone(c.template.Header)
	req.Header["Idempotency-Key"] = []string{key}
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	return req
}

func (a answer) asksToWait() bool {
	return a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable
}

// drain reads a short answer to its end, which leaves the connection open for the next stat.
func drain(resp *http.Response) {
	if resp.ContentLength != 0 {
		_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	}
	_ = resp.Body.Close()
}

// failure names the kind of a failure. The errors of net/http hold the URL and,
// of a garbled answer, what the endpoint wrote.
func failure(err error) string {
	var (
		lookUp      *net.DNSError
		timeout     net.Error
		certificate *x509.CertificateInvalidError
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
	)
	switch {
	case errors.As(err, &lookUp):
		return "its name cannot be looked up"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "the request was called off"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "host unreachable"
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &name):
		return "its certificate is not trusted"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection closed without an answer"
	}
	return "no HTTP answer"
}

// retryAfter reads the header of that name (RFC 9110, section 10.2.3): seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, date.Sub(now)), maxRetryAfter)
	}
	return 0
}
