// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/headcount-otel/headcount/collect"
)

// report is a body as the format has it, its values as the text they have on the wire: 45.0 is not 45.
type report struct {
	InstanceID string                     `json:"instanceId"`
	Time       json.Number                `json:"time"`
	Name       string                     `json:"name"`
	Value      map[string]json.RawMessage `json:"value"`
}

// recorder is a collect endpoint that writes down what each sender, known by its path, sends.
type recorder struct {
	url     string
	mu      sync.Mutex
	reports map[string][]report
	faults  map[string][]string
	changed chan struct{} // closed and made anew at each report
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{reports: map[string][]report{}, faults: map[string][]string{}, changed: make(chan struct{})}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *recorder) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	sender := request.URL.Path
	var received report
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&received); err != nil {
		r.faults[sender] = append(r.faults[sender], err.Error()+": "+string(body))
	}
	if _, err := collect.Decode(body); err != nil { // strict where encoding/json is not: keys that stand twice, for one
		r.faults[sender] = append(r.faults[sender], err.Error()+": "+string(body))
	}
	if request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/json" {
		r.faults[sender] = append(r.faults[sender], request.Method+" of "+request.Header.Get("Content-Type"))
	}
	r.reports[sender] = append(r.reports[sender], received)
	close(r.changed)
	r.changed = make(chan struct{})
}

// from returns what a sender has sent, what of it is none of the format, and what is closed when more comes.
func (r *recorder) from(sender string) ([]report, []string, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]report(nil), r.reports[sender]...), r.faults[sender], r.changed
}
