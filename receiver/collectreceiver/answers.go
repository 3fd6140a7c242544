// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
)

// refusal is why a request is not accepted. Its reason never repeats the request.
type refusal struct {
	status int
	reason string
	// retryAfter is when to try again; 0 where that is not known.
	retryAfter time.Duration
}

// answers writes responses, and counts them by status.
type answers struct {
	telemetry *metadata.TelemetryBuilder
	options   sync.Map // status → []metric.AddOption
}

func newAnswers(telemetry *metadata.TelemetryBuilder) *answers { return &answers{telemetry: telemetry} }

func (a *answers) count(ctx context.Context, status int) {
	options, ok := a.options.Load(status)
	if !ok {
		set := attribute.NewSet(attribute.Int("http.response.status_code", status))
		options, _ = a.options.LoadOrStore(status, []metric.AddOption{metric.WithAttributeSet(set)})
	}
	a.telemetry.ReceiverCollectRequests.Add(ctx, 1, options.([]metric.AddOption)...)
}

func (a *answers) accept(w http.ResponseWriter, r *http.Request) {
	a.count(r.Context(), http.StatusOK)
	w.WriteHeader(http.StatusOK)
}

// refuse answers with one line of JSON.
func (a *answers) refuse(w http.ResponseWriter, r *http.Request, refused *refusal) {
	a.count(r.Context(), refused.status)
	body := append([]byte(nil), `{"error":`...)
	body, _ = jsontext.AppendQuote(body, refused.reason) // our own words are valid Unicode
	body = append(body, '}', '\n')
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if refused.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(refused.retryAfter.Seconds()))))
	}
	w.WriteHeader(refused.status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

func (a *answers) refuseMethod(w http.ResponseWriter, r *http.Request, allowed string) {
	w.Header().Set("Allow", allowed)
	a.refuse(w, r, &refusal{status: http.StatusMethodNotAllowed, reason: "this method is not for this path; use " + allowed})
}

const explanation = `This is a collect endpoint for anonymous usage statistics.

Applications that people host themselves report here how much they are used: a
few counts now and then, as one small JSON object a report,

    POST %s
    Content-Type: application/json

    {"instanceId": "…", "time": 1795392000.0, "value": {"users": 35}, "name": "USAGE"}

where instanceId is a random name of the installation. This endpoint neither
reads nor keeps the address from which a report comes. What an application
reports, and how to turn it off, its own documentation says.

The format, and the program that answers here, are open:
https://github.com/headcount-otel/headcount
`

func (a *answers) explain(w http.ResponseWriter, r *http.Request, path string) {
	a.count(r.Context(), http.StatusOK)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = fmt.Fprintf(w, explanation, path) // a client that is gone needs no answer
}
