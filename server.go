// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"

	"go.uber.org/zap"
	"golang.org/x/net/netutil"
)

// The page has one reader: what is more than a browser needs is refused or cut short.
const (
	maxConnections = 32
	maxHeaderBytes = 16 << 10
	maxFormBytes   = 4 << 10
	headerTimeout  = 5 * time.Second
	requestTimeout = 10 * time.Second
	answerTimeout  = 30 * time.Second
	idleTimeout    = 30 * time.Second
)

// server serves the page and the JSON API under it.
type server struct {
	listener net.Listener
	http     http.Server
	token    token
	ended    chan struct{}
}

// openPage begins to serve; the error says which address is taken.
func (h *headcount) openPage(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", h.cfg.Endpoint)
	if err != nil {
		return fmt.Errorf("endpoint: %w: another program may have it; choose another port, or 0 for a free one", err)
	}
	s := &server{listener: netutil.LimitListener(listener, maxConnections), token: newToken(), ended: make(chan struct{})}
	page, err := newPage()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	addr := listener.Addr().(*net.TCPAddr)
	s.http = http.Server{
		Handler:           guard(page.policy, addr.IP.IsLoopback(), h.routes(s.token, page)),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(io.Discard, "", 0), // a hostile client would write a line for each connection
	}
	h.server = s
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			h.logger.Warn("The page has ended", zap.Error(err))
		}
	}()
	return nil
}

// address is what a browser on this machine opens: it holds the token.
func (s *server) address() string {
	at := s.listener.Addr().(*net.TCPAddr).AddrPort()
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
	}
	return fmt.Sprintf("http://%s/?token=%s", netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), s.token)
}

// close stops to serve; who is still reading when ctx ends is cut off.
func (s *server) close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	<-s.ended
	return err
}
