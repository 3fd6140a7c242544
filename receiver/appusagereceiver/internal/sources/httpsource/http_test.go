// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package httpsource

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const limit = 1 << 20

// serve answers at / with handler, and gives a page of it.
func serve(t *testing.T, handler http.HandlerFunc) Page {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return Page{Client: server.Client(), Endpoint: server.URL, MaxBytes: limit}
}

func value(t *testing.T, d document.Document, at string) source.Value {
	t.Helper()
	pointer, err := document.ParsePointer(at)
	require.NoError(t, err)
	found, err := d.Value(pointer)
	require.NoError(t, err)
	return found
}

func TestFetch(t *testing.T) {
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "key=hunter2", r.URL.RawQuery)
		assert.Equal(t, http.MethodGet, r.Method)
		_, _ = io.WriteString(w, `{"users": 12}`)
	})
	page.Endpoint += "/stats?key=hunter2"
	found, err := page.Fetch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, int64(12), value(t, found, "/users"))
}

// TestLinks is about documents that tell where the wanted one is.
func TestLinks(t *testing.T) {
	index := `{"links": [{"rel": "v1", "href": "%[1]s/v1"}, {"rel": "v2", "href": "%[1]s/v2"}, {"rel": 3}, "x"]}`
	for name, c := range map[string]struct {
		index string
		links []string
		found source.Value
		err   error
	}{
		"the best":           {index, []string{"v3", "v2", "v1"}, "/v2", nil},
		"a relative one":     {`{"links": [{"rel": "v2", "href": "/v2"}]}`, []string{"v2"}, "/v2", nil},
		"none of them":       {index, []string{"v3"}, nil, errNoLink},
		"no links at all":    {`{"path": "here"}`, []string{"v2"}, "here", nil},
		"links of no use":    {`{"links": []}`, []string{"v2"}, nil, errNoLink},
		"another host":       {`{"links": [{"rel": "v2", "href": "http://other.example/v2"}]}`, []string{"v2"}, nil, errForeignLink},
		"another scheme":     {`{"links": [{"rel": "v2", "href": "file:///etc/passwd"}]}`, []string{"v2"}, nil, errForeignLink},
		"another port":       {`{"links": [{"rel": "v2", "href": "http://127.0.0.1:1/v2"}]}`, []string{"v2"}, nil, errForeignLink},
		"with a user":        {`{"links": [{"rel": "v2", "href": "http://hunter2@127.0.0.1/v2"}]}`, []string{"v2"}, nil, errForeignLink},
		"no URL":             {`{"links": [{"rel": "v2", "href": "http://[::1"}]}`, []string{"v2"}, nil, errForeignLink},
		"one, and no list":   {`{"links": {"rel": "v2", "href": "/v2"}}`, []string{"v2"}, "/v2", nil},
		"https for http":     {`{"links": [{"rel": "https://schema/2.1", "href": "/v2"}]}`, []string{"http://schema/2.1"}, "/v2", nil},
		"nobody follows any": {`{"links": [], "path": "index"}`, nil, "index", nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					_, _ = fmt.Fprintf(w, `{"path": %q}`, r.URL.Path)
				} else {
					_, _ = io.WriteString(w, strings.ReplaceAll(c.index, "%[1]s", "http://"+r.Host))
				}
			})
			page.Links = c.links
			found, err := page.Fetch(t.Context())
			require.ErrorIs(t, err, c.err)
			if err == nil {
				assert.Equal(t, c.found, value(t, found, "/path"))
			}
		})
	}
}

// TestHealth is about an application that is not well, and says so in a document.
func TestHealth(t *testing.T) {
	for body, isHealth := range map[string]bool{
		`{"status": "DOWN", "path": 3}`:                   true,
		`{"status": 503, "error": "Service Unavailable"}`: false,
		`{"error": "no backend"}`:                         false,
		`<html>hunter2`:                                   false,
	} {
		page := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, body)
		})
		found, err := page.Fetch(t.Context())
		if !isHealth {
			require.ErrorContains(t, err, "status 503", body)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, int64(3), value(t, found, "/path"))
	}
}

func TestFollow(t *testing.T) {
	for _, c := range []struct{ endpoint, link, to string }{
		{"https://a.example/x", "http://a.example/v2", "https://a.example/v2"}, // behind a proxy
		{"https://a.example:443/x", "http://a.example:80/v2", "https://a.example:443/v2"},
		{"http://a.example/x", "https://a.example/v2", "https://a.example/v2"},
		{"https://a.example/x", "http://a.example:8080/v2", ""},
		{"https://a.example:8443/x", "http://a.example/v2", ""},
		{"https://a.example/x", "https://b.example/v2", ""},
		{"http://a.example/x", "file:///etc/passwd", ""},
	} {
		from, err := url.Parse(c.endpoint)
		require.NoError(t, err)
		found, err := document.Parse(document.JSON, []byte(`{"links": [{"rel": "v2", "href": "`+c.link+`"}]}`))
		require.NoError(t, err)
		to, err := follow(found, from, []string{"v2"})
		if c.to == "" {
			require.ErrorIs(t, err, errForeignLink, c.link)
			continue
		}
		require.NoError(t, err, c.link)
		assert.Equal(t, c.to, to.String())
	}
}

// TestRefused is about answers that are none, each bounded, and with no word of the URL or the body in its error.
func TestRefused(t *testing.T) {
	endless := func(w http.ResponseWriter) {
		chunk := bytes.Repeat([]byte("[hunter2,"), 1<<12)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string
	}{
		"no JSON":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>hunter2") }, "no JSON"},
		"redirected":   {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/hunter2", http.StatusFound) }, "redirects"},
		"not found":    {http.NotFound, "nothing at this URL"},
		"no login":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "`auth`"},
		"broken":       {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "hunter2", http.StatusBadGateway) }, "status 502"},
		"no content":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "status 204"},
		"not modified": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, "status 304"},
		"compressed unasked": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "hunter2")
		}, "Accept-Encoding"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) { endless(w) }, "max_response_size"},
		"1 GB, it says": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1073741824")
			endless(w)
		}, "max_response_size"},
		"deep": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("[", 1<<19)) }, "no JSON"},
		"1 GB, compressed": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			zeros := make([]byte, 1<<20)
			for i := 0; i < 1<<10 && r.Context().Err() == nil; i++ {
				_, _ = packed.Write(zeros)
			}
		}, "max_response_size"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"hunter2`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "lost"},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "+PONG hunter2\r\n")
			_ = conn.Close()
		}, "no HTTP"},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			for err := error(nil); err == nil; {
				_, err = io.WriteString(conn, "X-Hunter2: "+strings.Repeat("hunter2", 1<<12)+"\r\n")
			}
			_ = conn.Close()
		}, "no HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			page := serve(t, c.handler)
			page.Endpoint += "/?token=hunter2"
			_, err := page.Fetch(t.Context())
			require.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), "hunter2")
			assert.NotContains(t, err.Error(), "127.0.0.1")
			var failure *source.Error
			require.ErrorAs(t, err, &failure)
			assert.True(t, failure.SessionLost)
		})
	}
}

func TestSlowAndStopping(t *testing.T) {
	release := make(chan struct{})
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	client := *page.Client
	client.Timeout = 50 * time.Millisecond
	slow := page
	slow.Client = &client
	_, err := slow.Fetch(t.Context())
	require.ErrorIs(t, err, errTimeout)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = page.Fetch(ctx)
	require.ErrorIs(t, err, errTimeout)

	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	_, err = page.Fetch(ctx)
	require.ErrorIs(t, err, source.ErrStopping)
}

func TestEncryption(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	stranger := &http.Client{Transport: &http.Transport{}}
	defer stranger.CloseIdleConnections()
	_, err := Page{Client: stranger, Endpoint: server.URL, MaxBytes: limit}.Fetch(t.Context())
	require.ErrorIs(t, err, errEncryption)
}

func TestUnreachable(t *testing.T) {
	_, err := Page{Client: &http.Client{}, Endpoint: "http://" + porttest.Address(t), MaxBytes: limit}.Fetch(t.Context())
	require.ErrorIs(t, err, source.ErrUnreachable)
}

func TestCheckURL(t *testing.T) {
	for text, want := range map[string]error{
		"http://127.0.0.1:8000/stats.json": nil, "https://app.example/stats?token=x": nil,
		"": errURL, "hunter2": errURL, "ftp://hunter2": errURL, "http:///hunter2": errURL, "http://hunter2:port/": errURL,
		"http://user:hunter2@host/": errUserinfo,
	} {
		err := CheckURL(text)
		require.ErrorIs(t, err, want, text)
		if err != nil {
			assert.NotContains(t, err.Error(), "hunter2")
		}
	}
}
