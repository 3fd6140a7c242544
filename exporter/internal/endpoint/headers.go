// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"net/http"

	"go.opentelemetry.io/collector/config/configopaque"
)

// WithHeaders is a transport that adds configured headers to each request.
func WithHeaders(base http.RoundTripper, more configopaque.MapList) http.RoundTripper {
	if len(more) == 0 {
		return base
	}
	return headers{base, more}
}

type headers struct {
	base http.RoundTripper
	more configopaque.MapList
}

func (h headers) RoundTrip(r *http.Request) (*http.Response, error) {
	for name, value := range h.more.Iter {
		r.Header.Set(name, string(value)) // the endpoint made the header for this request alone
	}
	return h.base.RoundTrip(r)
}

func (h headers) CloseIdleConnections() {
	if closer, ok := h.base.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
