// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/headcount-otel/headcount/oblivious"
)

// failure names the kind of a failure. The errors of net/http hold the URL and,
// of a garbled answer, what the endpoint wrote.
func failure(err error) string {
	var (
		lookUp  *net.DNSError
		timeout net.Error
	)
	if relay := new(oblivious.ConnectionError); errors.As(err, &relay) {
		return "the relay: " + failure(relay.Err)
	}
	switch {
	case errors.Is(err, oblivious.ErrUnreadable):
		return "what came back through the relay does not open: another report's answer, or a changed one"
	case errors.As(err, &lookUp):
		return "its name cannot be looked up"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "the request was called off"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "host unreachable"
	case ofTLS(err) != "":
		return ofTLS(err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection closed without an answer"
	}
	return "no HTTP answer"
}

// ofTLS names what kept the two sides from speaking TLS; empty where it was another matter.
func ofTLS(err error) string {
	var (
		invalid    x509.CertificateInvalidError
		name       x509.HostnameError
		unverified *tls.CertificateVerificationError
		plain      tls.RecordHeaderError
		alert      *net.OpError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet, by this machine's clock"
	case errors.As(err, &name):
		return "its certificate is for another name"
	case errors.As(err, &unverified):
		return "its certificate is not trusted"
	case errors.As(err, &plain):
		return "it does not speak TLS at this port"
	case errors.As(err, &alert) && alert.Op == "remote error" && !strings.Contains(alert.Err.Error(), "version"):
		return "it refuses TLS with this client: does it want a certificate of it, or another cipher?"
	case alert != nil && alert.Op == "remote error", strings.Contains(err.Error(), ": tls: "):
		return "no version of TLS is common to both"
	}
	return ""
}
