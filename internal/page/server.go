// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

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

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/ledger"
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

// Content is what the page shows, and the consent that its switch turns.
type Content struct {
	Consent    *consent.Holder
	Ledger     *ledger.Ledger
	Readings   *activity.Readings
	Stats      *activity.Stats
	Persistent bool            // whether the choice and the ledger outlive the program
	Warnings   func() []string // of the log, those that still hold; nil for none
	Changes    func() uint64   // grows with each change of the content
}

// Server serves the page and the JSON API under it.
type Server struct {
	content  Content
	document *document
	listener net.Listener
	http     http.Server
	token    token
	ended    chan struct{}
}

// Open begins to serve; the error says which address is taken.
func Open(ctx context.Context, endpoint string, content Content, logger *zap.Logger) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w: another program may have it; choose another port, or 0 for a free one", err)
	}
	document := newDocument()
	s := &Server{
		content: content, document: document, listener: netutil.LimitListener(listener, maxConnections),
		token: newToken(), ended: make(chan struct{}),
	}
	addr := listener.Addr().(*net.TCPAddr)
	s.http = http.Server{
		Handler:           guard(document.policy, addr.IP.IsLoopback(), s.routes()),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(io.Discard, "", 0), // a hostile client would write a line for each connection
	}
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Warn("The page has ended", zap.Error(err))
		}
	}()
	return s, nil
}

// Address is what a browser on this machine opens: it holds the token.
func (s *Server) Address() string {
	at := s.listener.Addr().(*net.TCPAddr).AddrPort()
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
	}
	return fmt.Sprintf("http://%s/?token=%s", netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), s.token)
}

// Close ends serving; who is still reading when ctx ends is cut off.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	<-s.ended
	return err
}
