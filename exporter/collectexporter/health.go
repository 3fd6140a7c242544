// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/headcount-otel/headcount/internal/oncelog"
)

// health is what is wrong at the moment. Each change is logged once and reported
// to the Collector.
type health struct {
	logger *zap.Logger
	host   component.Host
	// concluded: the program's end says what became of each stat.
	concluded bool

	mu       sync.Mutex // keeps log and status in the order of the changes
	problems oncelog.Subjects[problem]
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

// fail is told of a problem, also of one that lasts.
func (h *health) fail(what problem, err error, message string, fields ...zap.Field) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.problems.Begins(what, oncelog.Reason(err)) {
		return
	}
	level := zapcore.ErrorLevel
	if h.concluded && (what.what == theEndpoint || what.what == theRefusal) {
		level = zapcore.InfoLevel
	}
	h.logger.Log(level, message, append(fields, zap.Error(err))...)
	componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(err))
}

// recover is told that there is no such problem, or no longer.
func (h *health) recover(what problem, message string, fields ...zap.Field) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.problems.Ends(what) {
		return
	}
	h.logger.Info(message, fields...)
	if h.problems.Len() == 0 {
		componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}
