// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter bounds what an endpoint may ask for.
const maxRetryAfter = 24 * time.Hour

// Answer is what the endpoint said.
type Answer struct {
	// Status is the HTTP status; 0 when there was no answer.
	Status int
	// RetryAfter is how long a 429 or 503 asks to wait, at most 24 hours; 0 when it does not say.
	RetryAfter time.Duration
}

// Verdict is what an answer means for the stat.
type Verdict int

const (
	// Failed: it has to be tried again, the next stat may be tried now.
	Failed Verdict = iota
	// Accepted: 2xx.
	Accepted
	// Busy: 429 or 503; it has to be tried again, and nothing else is tried now.
	Busy
	// Refused: any other 4xx; it is dropped and rests.
	Refused
)

// Verdict says what the answer means.
func (a Answer) Verdict() Verdict {
	switch {
	case a.Status/100 == 2:
		return Accepted
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return Busy
	case a.Status/100 == 4:
		return Refused
	default:
		return Failed
	}
}

func answerOf(resp *http.Response) Answer {
	a := Answer{Status: resp.StatusCode}
	if a.Verdict() == Busy {
		a.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return a
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
