// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package listening keeps a receiver's port open while consent is not off, and
// closed while it is.
package listening // import "github.com/headcount-otel/headcount/internal/listening"

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/trust"
)

// closingTime is how long a request that is under way has when consent ends.
const closingTime = time.Second

// Listener opens a port when consent allows it. An application that posts to a
// closed one fails at once, as where nobody listens.
type Listener struct {
	// For is what is listened for, in the log's words.
	For string
	// Open and Close are called by turns, never at the same time.
	Open, Close func(context.Context) error
	Logger      *zap.Logger

	host    component.Host
	consent trust.Consent
	forget  func()

	mu   sync.Mutex
	open bool
	over bool // Shutdown has begun
}

// Start listens, unless consent is off; then nothing is opened until that changes.
func (l *Listener) Start(ctx context.Context, host component.Host, consent trust.Consent) error {
	l.host, l.consent = host, consent
	l.forget = trust.OnChange(consent, l.followLater)
	return l.Follow(ctx)
}

// Follow opens or closes the port, as consent says now.
func (l *Listener) Follow(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	mode, who := l.consent.Mode()
	switch {
	case l.over:
		return nil
	case mode == trust.Off && l.open:
		l.Logger.Info("Not listening for "+l.For+" any more: usage statistics are off", zap.String("said_by", who))
		l.open = false
		return l.Close(ctx)
	case mode == trust.Off:
		l.Logger.Info("Not listening for "+l.For+": usage statistics are off", zap.String("said_by", who))
		return nil
	case !l.open:
		err := l.Open(ctx)
		l.open = err == nil
		return err
	default:
		return nil
	}
}

// followLater is Follow in a program that runs: what goes wrong then is said, and ends nothing.
func (l *Listener) followLater() {
	ctx, cancel := context.WithTimeout(context.Background(), closingTime)
	defer cancel()
	if err := l.Follow(ctx); err != nil {
		l.Logger.Error("The change of consent could not be followed", zap.Error(err))
		componentstatus.ReportStatus(l.host, componentstatus.NewRecoverableErrorEvent(err))
	}
}

// Shutdown closes the port for good.
func (l *Listener) Shutdown(ctx context.Context) error {
	if l.forget != nil {
		l.forget()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	if !l.open {
		return nil
	}
	l.open = false
	return l.Close(ctx)
}
