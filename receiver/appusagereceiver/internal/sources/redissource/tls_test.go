// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

// Redis speaks TLS by itself here, and takes only clients whose certificate its authority issued.
func TestRedisWithTLS(t *testing.T) {
	authority, stranger := dbtest.NewAuthority(t), dbtest.NewAuthority(t)
	certificate, key := authority.Issue(t, "server", nil)
	ours, ourKey := authority.Issue(t, "client", nil)
	theirs, theirKey := stranger.Issue(t, "client", nil)
	port := freePort(t)
	_, w := filled(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority.File())
	w.do("ACL", "SETUSER", "headcount", "on", ">p@ss", "~*", "+scard")

	client := func(certificate, key string) url.Values {
		return url.Values{"ssl_ca_certs": {authority.File()}, "ssl_certfile": {certificate}, "ssl_keyfile": {key}}
	}
	with := func(values url.Values, key, value string) url.Values {
		values.Set(key, value)
		return values
	}
	for name, c := range map[string]struct {
		host    string
		options url.Values
		err     error
	}{
		"with both":                            {"localhost", client(ours, ourKey), nil},
		"without the client's certificate":     {"localhost", url.Values{"ssl_ca_certs": {authority.File()}}, errRefused},
		"with a stranger's certificate":        {"localhost", client(theirs, theirKey), errRefused},
		"by an authority that nobody trusts":   {"localhost", with(client(ours, ourKey), "ssl_ca_certs", stranger.File()), errEncryption},
		"by another name":                      {"127.0.0.1", client(ours, ourKey), errEncryption},
		"by another name that does not matter": {"127.0.0.1", with(client(ours, ourKey), "ssl_check_hostname", "false"), nil},
		"whatever the certificate":             {"127.0.0.1", with(with(client(ours, ourKey), "ssl_cert_reqs", "none"), "ssl_ca_certs", stranger.File()), nil},
	} {
		t.Run(name, func(t *testing.T) {
			at := url.URL{Scheme: "rediss", User: url.UserPassword("headcount", "p@ss"), Host: c.host + ":" + port, RawQuery: c.options.Encode()}
			value, err := read(t, open(t, at.String()), Query{Command: Count("SCARD"), Key: "set"})
			switch {
			case c.err == nil:
				require.NoError(t, err)
				assert.Equal(t, int64(3), value)
			case errors.Is(c.err, errRefused): // by an alert, or by the end of the connection where that is faster
				require.Error(t, err)
			default:
				require.ErrorIs(t, err, c.err)
			}
		})
	}
	_, err := read(t, open(t, "redis://localhost:"+port), Query{Command: Count("SCARD"), Key: "set"})
	require.Error(t, err, "no TLS where the server speaks nothing else")
}

// Since TLS 1.3 a server says what it thinks of the client's certificate after the handshake.
func TestAnAlertIsNoLostConnection(t *testing.T) {
	err := &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
	assert.Equal(t, errEncryption, (&Session{}).explain(t.Context(), fmt.Errorf("reading: %w", err)))
}

// A certificate that has run out is refused.
func TestRedisWithAnExpiredCertificate(t *testing.T) {
	authority := dbtest.NewAuthority(t)
	certificate, key := authority.Issue(t, "server", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = c.NotBefore.AddDate(-2, 0, 0), c.NotBefore.AddDate(-1, 0, 0)
	})
	port := freePort(t)
	filled(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority.File(), "--tls-auth-clients", "no")
	_, err := read(t, open(t, "rediss://localhost:"+port+"?ssl_ca_certs="+url.QueryEscape(authority.File())), Query{Command: Count("SCARD"), Key: "set"})
	require.ErrorIs(t, err, errEncryption)
}
