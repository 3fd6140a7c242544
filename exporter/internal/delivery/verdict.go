// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
)

// judge says what an answer means: its result, how long to wait, and in words what is wrong.
//
// A 2xx is an acceptance. 429 and 503 mean later, and by Retry-After when: nothing
// else is tried until then. Any other 4xx is a refusal, and so is a redirect, which
// is never followed: neither gets better by asking again soon. All else is a fault,
// after which the next stat may be tried.
func judge(host string, a endpoint.Answer) (result Result, wait time.Duration, wrong error) {
	if a.Status/100 == 2 {
		return Accepted, 0, nil
	}
	wrong = fmt.Errorf("%s answered with status %d", host, a.Status)
	switch {
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return Busy, a.RetryAfter, wrong
	case a.Status/100 == 4:
		return Refused, 0, wrong
	case redirects(a.Status):
		return Refused, 0, redirected(host, a)
	default:
		return Failed, 0, wrong
	}
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

// redirected says where a redirect points, and what to write: whether stats may go
// there is the operator's to decide.
func redirected(host string, a endpoint.Answer) error {
	if a.RedirectsTo == "" {
		return fmt.Errorf("%s answered with status %d, a redirect to nowhere, and redirects are not followed: ask its makers for the endpoint's URL", host, a.Status)
	}
	return fmt.Errorf("%s answered with status %d, a redirect to %s, and redirects are not followed: where stats may go there, write its URL as endpoint", host, a.Status, a.RedirectsTo)
}
