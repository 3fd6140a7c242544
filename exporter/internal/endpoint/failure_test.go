// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFailuresOfTLSAreNamed is about what an operator can mend: a certificate that expired is no garbled answer.
func TestFailuresOfTLSAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		server func(*tls.Config)
		client func(*tls.Config)
		host   string
		want   string
	}{
		"trusted":    {},
		"untrusted":  {client: func(c *tls.Config) { c.RootCAs = nil }, want: "its certificate is not trusted"},
		"expired":    {client: func(c *tls.Config) { c.Time = func() time.Time { return time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC) } }, want: "its certificate has expired or is not valid yet, by this machine's clock"},
		"early":      {client: func(c *tls.Config) { c.Time = func() time.Time { return time.Unix(-1, 0) } }, want: "its certificate has expired or is not valid yet, by this machine's clock"},
		"other name": {host: "localhost", want: "its certificate is for another name"},
		"client's": {server: func(c *tls.Config) {
			c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
		}, want: "it refuses TLS with this client: does it want a certificate of it, or another cipher?"},
		"old":             {server: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, want: "no version of TLS is common to both"},
		"newer than ours": {client: func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, server: func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }, want: "no version of TLS is common to both"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{} //nolint:gosec // old versions are what it is about
			if c.server != nil {
				c.server(server.TLS)
			}
			server.StartTLS()
			defer server.Close()
			transport := server.Client().Transport.(*http.Transport).Clone()
			defer transport.CloseIdleConnections()
			if c.client != nil {
				c.client(transport.TLSClientConfig)
			}
			url := server.URL
			if c.host != "" {
				url = strings.Replace(url, "127.0.0.1", c.host, 1)
			}
			e, err := New(t.Context(), url, transport, 20*time.Second, "headcount/1.2.3")
			require.NoError(t, err)
			_, err = e.Post(t.Context(), Message{Body: []byte("{}")})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, e.Host+": "+c.want)
		})
	}
}

// TestNoTLSAtAll is about a port of plain HTTP.
func TestNoTLSAtAll(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	e := newEndpoint(t, strings.Replace(server.URL, "http://", "https://", 1))
	_, err := e.Post(t.Context(), Message{Body: []byte("{}")})
	require.ErrorContains(t, err, "it does not speak TLS at this port")
}
