// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"
)

// The library has one log for the whole process, on standard error, and writes a line each time
// that it cannot connect.
func init() { logging.Disable() }

var errURL = errors.New("a Redis URL has the form redis://user:password@host:6379/0, rediss://… for TLS, or unix:///path/to/redis.sock?db=0")

// Server is a Redis server: what a URL says.
type Server struct{ options *redis.Options }

// Parse reads a URL in the client library's own forms. It opens nothing, and no error of it repeats the URL.
func Parse(text string) (Server, error) {
	options, err := redis.ParseURL(text)
	if err != nil || options.Addr == "" {
		return Server{}, errURL
	}
	// No connection in advance, no second try, and the reading's own time instead of the library's.
	// One connection is enough, but a pool of one that cannot connect goes on trying on its own.
	options.PoolSize, options.MinIdleConns, options.PipelinePoolSize = 10, 0, -1
	options.MaxRetries, options.DialerRetries = -1, 1
	options.ContextTimeoutEnabled, options.ReadTimeout, options.WriteTimeout = true, -1, -1
	// And no command that nobody asked for.
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return Server{options}, nil
}

// Open prepares a session that ends with ctx; its first reading connects.
func (s Server) Open(ctx context.Context) *Session {
	options := *s.options
	var dialer framing.Dialer = new(net.Dialer)
	if options.TLSConfig != nil {
		dialer = &tls.Dialer{Config: options.TLSConfig}
	}
	options.Dialer = func(dialing context.Context, network, address string) (net.Conn, error) {
		return framing.Dial(ctx, dialing, dialer, network, address, &resp{})
	}
	return &Session{client: redis.NewClient(&options)}
}
