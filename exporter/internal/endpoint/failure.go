// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/headcount-otel/headcount/oblivious"
)

// failure names the kind of a failure. The errors of net/http hold the URL and,
// of a garbled answer, what the endpoint wrote.
func failure(err error) string {
	var (
		lookUp      *net.DNSError
		timeout     net.Error
		certificate *x509.CertificateInvalidError
		authority   x509.UnknownAuthorityError
		name        x509.HostnameError
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
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &name):
		return "its certificate is not trusted"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection closed without an answer"
	}
	return "no HTTP answer"
}
