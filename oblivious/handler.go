// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/oblivious/bhttp"
)

// The problem types of RFC 9458, 6.4 and 6.5.1 (RFC 9457).
const (
	keyProblem  = "https://iana.org/assignments/http-problem-types#ohttp-key"
	dateProblem = "https://iana.org/assignments/http-problem-types#date"
)

// Handler is a gateway: it opens requests and hands them to Inner, whose answer
// it seals. What is wrong before a request is opened is said outside, and tells
// nothing but that; all that comes after is said inside (RFC 9458, 5.2).
type Handler struct {
	// Gateway has the keys.
	Gateway *Gateway
	// Inner serves the requests inside. Their RemoteAddr is empty: nobody here knows where they come from.
	Inner http.Handler
	// Window is how far an inner Date may be from our clock: what is older may be a replay that no memory knows.
	Window time.Duration
	// Now is the clock; time.Now without it.
	Now func() time.Time
}

var _ http.Handler = (*Handler)(nil)

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Encapsulated requests are POSTed here.", http.StatusMethodNotAllowed)
		return
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != RequestType {
		http.Error(w, "Write Content-Type: "+RequestType+"; chunked requests are not read.", http.StatusUnsupportedMediaType)
		return
	}
	message, err := readAll(http.MaxBytesReader(w, r.Body, MaxMessage), r.ContentLength)
	if err != nil {
		outside(w, err)
		return
	}
	request, answer, err := h.Gateway.Open(message)
	if err != nil {
		outside(w, err)
		return
	}
	sealed, err := answer.Seal(h.serve(r, request).Append(nil, responseSizes...))
	if err != nil {
		http.Error(w, "The answer cannot be sealed.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", ResponseType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(sealed) // the relay has gone
}

// outside answers what cannot be answered inside.
func outside(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "The message is too long.", http.StatusRequestEntityTooLarge)
	default: // a key that was made anew under an old id opens nothing either
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"type":"`+keyProblem+`","title":"this gateway does not have the key that opens the message"}`)
	}
}

// serve has Inner answer what was inside.
func (h *Handler) serve(outer *http.Request, request []byte) *bhttp.Response {
	inside, err := bhttp.DecodeRequest(request)
	if err != nil {
		return refusal(http.StatusBadRequest, err.Error())
	}
	if response := h.checkDate(inside.Header.Get("Date")); response != nil {
		return response
	}
	target, err := url.ParseRequestURI(inside.Path)
	if err != nil || !strings.HasPrefix(inside.Path, "/") {
		return refusal(http.StatusBadRequest, "the path inside is none")
	}
	r := &http.Request{
		Method: inside.Method, URL: target, RequestURI: inside.Path, Host: inside.Authority,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: inside.Header, Body: io.NopCloser(bytes.NewReader(inside.Body)), ContentLength: int64(len(inside.Body)),
	}
	recorded := &recorder{header: http.Header{}}
	h.Inner.ServeHTTP(recorded, r.WithContext(outer.Context()))
	return recorded.response()
}

// checkDate refuses a date that is far from now, or none, and says what time it is here.
func (h *Handler) checkDate(date string) *bhttp.Response {
	now := time.Now
	if h.Now != nil {
		now = h.Now
	}
	if at, err := http.ParseTime(date); err == nil && at.Sub(now()).Abs() <= h.Window {
		return nil
	}
	response := refusal(http.StatusBadRequest, `{"type":"`+dateProblem+`","title":"the date inside is missing, or too far from this clock"}`)
	response.Header.Set("Content-Type", "application/problem+json")
	response.Header.Set("Date", now().UTC().Format(http.TimeFormat))
	return response
}

func refusal(status int, text string) *bhttp.Response {
	return &bhttp.Response{Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(text)}
}

// recorder keeps an answer until it is sealed.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
}

func (r *recorder) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(data)
}

func (r *recorder) response() *bhttp.Response {
	r.WriteHeader(http.StatusOK)
	return &bhttp.Response{Status: r.status, Header: r.header, Body: r.body.Bytes()}
}

// ServeKeys answers GET with the keys to publish (RFC 9540 serves them at /.well-known/ohttp-gateway).
func ServeKeys(keys ...*PublicKey) http.Handler {
	list := AppendKeys(nil, keys...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "The keys are to be read here.", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", KeysType)
		w.Header().Set("Content-Length", fmt.Sprint(len(list)))
		_, _ = w.Write(list)
	})
}
