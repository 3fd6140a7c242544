// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package memcachedsource reads single values from a memcached server.
package memcachedsource // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/memcachedsource"

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errEndpoint = errors.New("a memcached server is host:port, such as 127.0.0.1:11211, or the path of its socket, such as /run/memcached.sock")
	errKey      = &source.Error{Reason: "memcached takes keys of at most 250 bytes without spaces"}
	errSilent   = &source.Error{Reason: "the server does not answer", SessionLost: true}
)

// Server is the place of one memcached server. It is its own selector, because the
// library's looks names up when it is made, without a limit of time.
type Server struct{ network, address string }

var (
	_ memcache.ServerSelector = Server{}
	_ net.Addr                = Server{}
)

// Parse reads host:port or the path of a socket. It looks nothing up.
func Parse(endpoint string) (Server, error) {
	if strings.HasPrefix(endpoint, "/") {
		return Server{"unix", endpoint}, nil
	}
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil || host == "" || strings.ContainsAny(host, "@/") {
		return Server{}, errEndpoint
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Server{}, errEndpoint
	}
	return Server{"tcp", endpoint}, nil
}

// Network implements net.Addr.
func (s Server) Network() string { return s.network }

// String implements net.Addr.
func (s Server) String() string { return s.address }

// PickServer implements memcache.ServerSelector.
func (s Server) PickServer(string) (net.Addr, error) { return s, nil }

// Each implements memcache.ServerSelector.
func (s Server) Each(visit func(net.Addr) error) error { return visit(s) }

// Session is one connection at most. It is not safe for concurrent use.
type Session struct {
	client *memcache.Client
	// answered is true once the server has answered anything.
	answered bool
}

// Open prepares a session that ends with ctx; its first reading connects.
func (s Server) Open(ctx context.Context) *Session {
	client := memcache.NewFromSelector(s)
	client.DialContext = func(dialing context.Context, network, address string) (net.Conn, error) {
		return framing.Dial(ctx, dialing, new(net.Dialer), network, address, &values{})
	}
	return &Session{client: client}
}

// Close ends the connection.
func (s *Session) Close() { _ = s.client.Close() }

// Get fetches the bytes under a key and their flags; none when there is no such key.
// It may take half of the time that ctx has left. After an error that is SessionLost the
// session is of no more use.
func (s *Session) Get(ctx context.Context, key string) ([]byte, uint32, error) {
	ctx, cancel := source.Half(ctx)
	defer cancel()
	deadline, _ := ctx.Deadline()
	s.client.Timeout = time.Until(deadline)
	item, err := s.client.Get(key)
	switch {
	case errors.Is(err, memcache.ErrCacheMiss):
		s.answered = true
		return nil, 0, nil
	case err != nil:
		return nil, 0, s.explain(ctx, err)
	}
	s.answered = true
	return item.Value, item.Flags, nil
}

// Read decodes what is under a key as a client library, one of Clients or none, wrote it; a nil Value means
// that there is nothing.
func (s *Session) Read(ctx context.Context, key, client string, format decode.Format) (source.Value, error) {
	data, flags, err := s.Get(ctx, key)
	if err != nil || data == nil {
		return nil, err
	}
	return decodeAs(client, data, flags, format)
}

func (s *Session) explain(ctx context.Context, err error) *source.Error {
	var timeout *memcache.ConnectTimeoutError
	switch ours := source.Explain(ctx, err); {
	case errors.Is(err, memcache.ErrMalformedKey):
		return errKey
	case ours == source.ErrTimeout && !s.answered, ours == nil && errors.As(err, &timeout):
		return errSilent
	case ours != nil:
		return ours
	default:
		return framing.ErrLimit
	}
}

// values follows memcached's text protocol as far as lengths go.
type values struct {
	// found is true between a value and the end of the reply.
	found bool
}

var _ framing.Protocol = (*values)(nil)

// Header implements framing.Protocol.
func (v *values) Header(line []byte) (int64, error) {
	fields := bytes.Fields(line)
	if len(fields) < 4 || string(fields[0]) != "VALUE" {
		v.found = false
		return 0, nil
	}
	if v.found { // one key was asked for
		return 0, framing.ErrLimit
	}
	v.found = true
	n, err := strconv.ParseUint(string(fields[3]), 10, 63)
	switch {
	case err != nil || n > math.MaxInt32:
		return 0, framing.ErrLimit
	case n > decode.MaxBytes:
		return 0, errTooLarge
	}
	return int64(n) + 2, nil
}

// errTooLarge leaves a connection on which the value would still have to be read.
var errTooLarge = &source.Error{Reason: decode.ErrTooLarge.Reason}
