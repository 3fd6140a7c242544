// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// health is what is wrong at the moment. Each change is logged once and reported
// to the Collector.
type health struct {
	logger *zap.Logger
	host   component.Host

	mu       sync.Mutex
	problems map[problem]string
}

// problem is what is wrong, where it matters with which stat.
type problem struct{ what, stat string }

const (
	theEndpoint = "endpoint"
	theStorage  = "storage"
	theRecord   = "record"
	theRefusal  = "refusal"
	theEncoding = "encoding"
)

// ill is told of a problem, also of one that lasts.
func (h *health) ill(what problem, err error, message string, fields ...zap.Field) {
	h.mu.Lock()
	defer h.mu.Unlock()
	reason := reasonOf(err)
	if h.problems[what] == reason {
		return
	}
	h.problems[what] = reason
	h.logger.Error(message, append(fields, zap.Error(err))...)
	componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(err))
}

// reasonOf is what an error came of: around it the message may name one record or address after the other.
func reasonOf(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

// well is told that there is no such problem, or no longer.
func (h *health) well(what problem, message string, fields ...zap.Field) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, was := h.problems[what]; !was {
		return
	}
	delete(h.problems, what)
	h.logger.Info(message, fields...)
	if len(h.problems) == 0 {
		componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}
