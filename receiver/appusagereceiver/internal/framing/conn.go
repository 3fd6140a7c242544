// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package framing stands between a connection and a client library that believes
// what a server says of its replies' lengths.
package framing // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"

import (
	"bytes"
	"context"
	"net"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// maxLine is the longest line of a protocol that is passed on.
const maxLine = 8 << 10

// ErrLimit is the failure of a server that announces or sends more than was asked for.
var ErrLimit = &source.Error{Reason: "the server's reply is too large, or does not follow its protocol", SessionLost: true}

// Protocol reads the header lines of a server's replies.
type Protocol interface {
	// Header takes one line without its end, and returns how many bytes follow that are
	// no lines; an error breaks the connection.
	Header(line []byte) (body int64, err error)
}

// Dialer is a network's, with or without TLS.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Dial connects, and wraps the connection so that each header is seen before the client
// library sees it. The end of session ends the dialling and closes the connection,
// whatever the library is waiting for.
func Dial(session, dialing context.Context, dialer Dialer, network, address string, protocol Protocol) (net.Conn, error) {
	dialing, cancel := context.WithCancel(dialing)
	defer cancel()
	defer context.AfterFunc(session, cancel)()
	conn, err := dialer.DialContext(dialing, network, address)
	if err != nil {
		return nil, err
	}
	return bound(session, conn, protocol), nil
}

func bound(session context.Context, conn net.Conn, protocol Protocol) net.Conn {
	stop := context.AfterFunc(session, func() { _ = conn.Close() })
	return &bounded{Conn: conn, protocol: protocol, stop: stop}
}

type bounded struct {
	net.Conn
	protocol Protocol
	stop     func() bool
	line     []byte
	body     int64
	err      error
}

func (c *bounded) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.Conn.Read(p)
	if c.err = c.inspect(p[:n]); c.err != nil {
		return 0, c.err
	}
	return n, err
}

func (c *bounded) Close() error {
	c.stop()
	return c.Conn.Close()
}

func (c *bounded) inspect(data []byte) error {
	for len(data) > 0 {
		if c.body > 0 {
			skipped := min(c.body, int64(len(data)))
			c.body -= skipped
			data = data[skipped:]
			continue
		}
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		if len(c.line)+len(line) > maxLine {
			return ErrLimit
		}
		c.line = append(c.line, line...)
		if !whole {
			return nil
		}
		body, err := c.protocol.Header(bytes.TrimSuffix(c.line, []byte{'\r'}))
		if err != nil {
			return err
		}
		c.line, c.body, data = c.line[:0], body, rest
	}
	return nil
}
