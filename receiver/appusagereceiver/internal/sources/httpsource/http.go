// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package httpsource reads one JSON document, or what is exposed to Prometheus, from an application's own HTTP interface.
package httpsource // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/httpsource"

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/exposition"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errURL = errors.New("write the URL of a JSON document, such as http://127.0.0.1:8000/stats.json")
	// errUserinfo keeps passwords out of a setting that is not secret.
	errUserinfo = errors.New("a URL may hold no user and password: write `auth` with an extension such as basicauth, or `headers`")

	errRedirect    = &source.Error{Reason: "the server redirects to another URL: write that one as `endpoint`", SessionLost: true}
	errForbidden   = &source.Error{Reason: "the server wants a login, or refuses this one: check `auth` and `headers`", SessionLost: true}
	errMissing     = &source.Error{Reason: "the server has nothing at this URL: check `endpoint`", SessionLost: true}
	errCompressed  = &source.Error{Reason: "the answer is compressed in a way that was not asked for: let the server heed Accept-Encoding", SessionLost: true}
	errTooLarge    = &source.Error{Reason: "the document is longer than `max_response_size`", SessionLost: true}
	errEncryption  = &source.Error{Reason: "the TLS handshake failed: check the certificate and its name, or `tls`", SessionLost: true}
	errTimeout     = &source.Error{Reason: "the server took too long: raise `timeout`", SessionLost: true}
	errNoHTTP      = &source.Error{Reason: "the server's answer is no HTTP, or ends too early", SessionLost: true}
	errNoLink      = &source.Error{Reason: "the document links to none of `links`", SessionLost: true}
	errForeignLink = &source.Error{Reason: "the document links to another host: write the URL behind the link as `endpoint`", SessionLost: true}
)

// CheckURL reports why a URL cannot be an endpoint. No error of it repeats the URL.
func CheckURL(text string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil, parsed.Host == "", parsed.Scheme != "http" && parsed.Scheme != "https":
		return errURL
	case parsed.User != nil:
		return errUserinfo
	default:
		return nil
	}
}

// Page is where a document is.
type Page struct {
	// Client sends the requests. Only its copy in here is told not to follow redirects.
	Client *http.Client
	// Endpoint is the URL of the document, or of one with links to it.
	Endpoint string
	// Links are relations, the best first. Where the document at Endpoint has `links` (as a
	// JSON resource descriptor has, RFC 7033), the first of these that it has is followed, on the same host.
	Links []string
	// MaxBytes is the longest document that is read.
	MaxBytes int64
}

// The media types that are asked for, the best first.
const (
	asDocument   = "application/json, application/jrd+json;q=0.9, */*;q=0.1"
	asExposition = "application/openmetrics-text;version=1.0.0;q=0.9, text/plain;version=0.0.4, */*;q=0.1"
)

// Fetch reads the document.
func (p Page) Fetch(ctx context.Context) (document.Document, error) {
	at, err := url.Parse(p.Endpoint)
	if err != nil {
		return document.Document{}, errURL
	}
	found, err := p.document(ctx, at)
	if err != nil || len(p.Links) == 0 {
		return found, err
	}
	to, err := follow(found, at, p.Links)
	if err != nil || to == nil {
		return found, err
	}
	return p.document(ctx, to)
}

// FetchExposition reads what the page exposes to Prometheus.
func (p Page) FetchExposition(ctx context.Context) (*exposition.Exposition, error) {
	at, err := url.Parse(p.Endpoint)
	if err != nil {
		return nil, errURL
	}
	answered, err := p.get(ctx, at, asExposition)
	if err == nil {
		err = explainStatus(answered.status)
	}
	if err != nil {
		return nil, err
	}
	return exposition.Parse(answered.data, answered.mediaType)
}

func (p Page) document(ctx context.Context, at *url.URL) (document.Document, error) {
	answered, err := p.get(ctx, at, asDocument)
	if err != nil {
		return document.Document{}, err
	}
	refused := explainStatus(answered.status)
	if refused != nil && answered.status != http.StatusServiceUnavailable {
		return document.Document{}, refused
	}
	found, err := document.Parse(document.JSON, answered.data)
	if refused != nil && (err != nil || !tellsHealth(found)) {
		return document.Document{}, refused
	}
	return found.As(answered.page), err
}

// answer is a server's.
type answer struct {
	status    int
	mediaType string
	// page is what the server says about other pages.
	page document.Page
	data []byte
}

func (p Page) get(ctx context.Context, at *url.URL, accept string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return answer{}, errURL
	}
	request.Header.Set("Accept", accept)
	client := *p.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return answer{}, explain(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	got := answer{status: response.StatusCode, mediaType: response.Header.Get("Content-Type"), page: pageOf(at, response.Header)}
	if got.status != http.StatusOK && got.status != http.StatusServiceUnavailable {
		return got, nil
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" { // the client undid what it asked for
		return answer{}, errCompressed
	}
	got.data, err = io.ReadAll(io.LimitReader(response.Body, p.MaxBytes+1))
	switch {
	case err != nil:
		return answer{}, explain(ctx, err)
	case int64(len(got.data)) > p.MaxBytes:
		return answer{}, errTooLarge
	}
	return got, nil
}

// tellsHealth reports whether the body of a 503 is a health document, by which an application that is not
// well says so: Spring Boot's, MicroProfile's and that of application/health+json have a status that is a text.
func tellsHealth(found document.Document) bool {
	_, isText := found.Text("status")
	return isText
}

func explainStatus(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 300 && status < 400 && status != http.StatusNotModified:
		return errRedirect
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return errForbidden
	case status == http.StatusNotFound, status == http.StatusGone:
		return errMissing
	default:
		return &source.Error{Reason: fmt.Sprintf("the server answers with status %d", status), SessionLost: true}
	}
}

func explain(ctx context.Context, err error) *source.Error {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // what is around it holds the URL, and looks like the network's
	}
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	switch ours := source.Explain(ctx, err); {
	case errors.As(err, &certificate), errors.As(err, &header), source.RefusedTLS(err):
		return errEncryption
	case ours == source.ErrTimeout:
		return errTimeout
	case ours != nil:
		return ours
	default:
		return errNoHTTP
	}
}
