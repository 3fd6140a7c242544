// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
)

// Whatever the endpoint does: no log line and no error, at debug level too, holds
// a body, a header's value, the URL's query, or what the endpoint wrote.
func TestNothingIsToldOfWhatIsSent(t *testing.T) {
	const secret = "SECRET"
	answers := map[string]http.HandlerFunc{
		"garbage": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+secret+"\r\n\r\n")
				_ = conn.Close()
			}
		},
		"reset": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
		},
		"stall": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
	}
	for _, code := range []int{200, 302, 400, 401, 404, 429, 500, 503} {
		answers[fmt.Sprint(code)] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.String()+secret)
			w.Header().Set("X-Answer", secret)
			w.WriteHeader(code)
			_, _ = io.WriteString(w, secret)
		}
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			r := newRig(t, server.URL+"/stat?token="+secret, nil, func(cfg *Config) {
				cfg.ClientConfig.Timeout = 100 * time.Millisecond
				cfg.ClientConfig.Headers = configopaque.MapList{{Name: "Authorization", Value: secret}}
				cfg.RetryOnFailure.Enabled = name == "500"
			}).start(t)
			r.scrape(t, "installation-"+secret, 4242424242)
			err := r.send(t.Context(), scraped("other-"+secret, 4242424242))
			require.NoError(t, r.Shutdown(t.Context()))
			told := fmt.Sprint(err)
			for _, entry := range r.logs.All() {
				told += fmt.Sprintln(entry.Message, entry.Context, entry.ContextMap())
			}
			for _, text := range []string{secret, "4242424242", "token=", "app.users", "instanceId"} {
				assert.NotContains(t, told, text)
			}
			if name != "200" {
				assert.Contains(t, told, strings.TrimPrefix(server.URL, "http://"), "the host is told")
			}
		})
	}
}

func TestRefusalTellsNothing(t *testing.T) {
	r := newRig(t, "http://127.0.0.1:1/stat", nil, nil).start(t)
	err := r.ConsumeMetrics(context.Background(), scraped("SECRET", 20))
	assert.NotContains(t, fmt.Sprint(err, r.logs.All()), "SECRET")
}
