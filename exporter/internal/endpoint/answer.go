// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter bounds what an endpoint may ask for.
const maxRetryAfter = 24 * time.Hour

// maxHost is the greatest length of a name and its port.
const maxHost = 253 + len(":65535")

// Answer is what the endpoint said.
type Answer struct {
	// Status is the HTTP status; 0 when there was no answer.
	Status int
	// RetryAfter is how long it asks to wait, at most 24 hours; 0 when it does not say.
	RetryAfter time.Duration
	// RedirectsTo is the scheme and host that the answer points to, nothing more of
	// the URL; empty when it points nowhere.
	RedirectsTo string
}

func answerOf(resp *http.Response) Answer {
	return Answer{
		Status:      resp.StatusCode,
		RetryAfter:  retryAfterOf(resp),
		RedirectsTo: redirectsTo(resp),
	}
}

// retryAfterOf is how long the endpoint asks to wait. Most answers do not, and are not read for a clock.
func retryAfterOf(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if value == "" {
		return 0
	}
	return retryAfter(value, clockOf(resp))
}

// retryAfter reads the header of that name (RFC 9110, section 10.2.3): seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	// Of a number that is too great ParseUint gives the greatest.
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, date.Sub(now)), maxRetryAfter)
	}
	return 0
}

// clockOf is what time the endpoint has: a date that it names is told by its own
// clock, and this machine's may be wrong.
func clockOf(resp *http.Response) time.Time {
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		return date
	}
	return time.Now()
}

// redirectsTo reads the header Location. What its path holds is not repeated.
func redirectsTo(resp *http.Response) string {
	location, err := resp.Location()
	if err != nil || location.Host == "" || len(location.Host) > maxHost {
		return ""
	}
	return location.Scheme + "://" + location.Host
}
