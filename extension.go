// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"io"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/trust"
)

// headcount is the extension: the operator's voice and the operator's eyes.
type headcount struct {
	consent opinion
	logger  *zap.Logger
	trust.Ledger
}

var (
	_ extension.Extension = (*headcount)(nil)
	_ trust.Consent       = (*headcount)(nil)
	_ trust.Ledger        = (*headcount)(nil)
)

func newHeadcount(cfg *Config, set extension.Settings, getenv func(string) string, stdout io.Writer) *headcount {
	h := &headcount{consent: cfg.configured(getenv), logger: set.Logger, Ledger: trust.Unkept{}}
	if cfg.Console {
		h.Ledger = &console{out: stdout}
	}
	return h
}

var meanings = map[trust.Mode]string{
	trust.Off:   "Usage statistics are off: nothing is read, nothing is sent",
	trust.Local: "Usage statistics are local: counts are read and anonymized here, nothing is sent",
	trust.On:    "Usage statistics are on: anonymized counts are sent",
}

// Start says plainly which mode holds and who said so.
func (h *headcount) Start(context.Context, component.Host) error {
	mode, who := h.Mode()
	h.logger.Info(meanings[mode], zap.Stringer("mode", mode), zap.String("said_by", who))
	return nil
}

// Shutdown implements component.Component.
func (*headcount) Shutdown(context.Context) error { return nil }

// Mode implements trust.Consent.
func (h *headcount) Mode() (trust.Mode, string) { return h.consent.mode, h.consent.who }
