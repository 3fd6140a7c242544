// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/headcount-otel/headcount/collect"
)

const (
	idempotencyKey = "Idempotency-Key"
	maxKey         = 255
)

// unaddressed carries a request's cancellation and nothing else that its context
// knows: no client address, no metadata, no trace.
type unaddressed struct{ context.Context }

// Value knows nothing.
func (unaddressed) Value(any) any { return nil }

// checkHeader refuses what needs no body to be refused.
func checkHeader(r *http.Request, limit int64) *refusal {
	switch {
	case !isJSON(r.Header["Content-Type"]):
		return &refusal{status: http.StatusUnsupportedMediaType, reason: "write Content-Type: application/json"}
	case r.ContentLength > limit:
		return tooLong
	case !isKey(r.Header[idempotencyKey]):
		return &refusal{status: http.StatusBadRequest, reason: fmt.Sprintf("%s: write it once, with 1 to %d visible ASCII characters", idempotencyKey, maxKey)}
	}
	return nil
}

var tooLong = &refusal{status: http.StatusRequestEntityTooLarge, reason: fmt.Sprintf("the body is too long; %d bytes are accepted at most", collect.MaxBody)}

func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	if types[0] == "application/json" {
		return true
	}
	media, parameters, err := mime.ParseMediaType(types[0])
	charset, named := parameters["charset"]
	return err == nil && media == "application/json" && (!named || strings.EqualFold(charset, "utf-8"))
}

// isKey accepts no Idempotency-Key, or one.
func isKey(keys []string) bool {
	if len(keys) == 0 {
		return true
	}
	unseen := func(c rune) bool { return c < '!' || c > '~' }
	return len(keys) == 1 && len(keys[0]) >= 1 && len(keys[0]) <= maxKey && !strings.ContainsFunc(keys[0], unseen)
}

// unreadable says why a body could not be read to its end.
func unreadable(err error) *refusal {
	long := new(http.MaxBytesError)
	switch {
	case errors.As(err, &long):
		return tooLong
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{status: http.StatusRequestTimeout, reason: "the body came too slowly"}
	default:
		return &refusal{status: http.StatusBadRequest, reason: "the body cannot be read to its end"}
	}
}

// refuseEarly answers what the server refuses before the handler: encodings and missing authentication.
func (h *handler) refuseEarly(w http.ResponseWriter, r *http.Request, _ string, status int) {
	reason := "this request is not accepted"
	switch encoding := r.Header.Get("Content-Encoding"); {
	case status == http.StatusUnauthorized:
		reason = "this endpoint wants to know who reports: authenticate"
	case encoding != "" && !h.config.decompresses(encoding):
		status, reason = http.StatusUnsupportedMediaType, "this Content-Encoding is not accepted"
	case encoding != "":
		reason = "the body is not of its Content-Encoding"
	}
	h.answers.refuse(w, r, &refusal{status: status, reason: reason})
}
