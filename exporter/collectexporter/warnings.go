// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"slices"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// warningsOf is the logger of the Collector's queue and retry. It leaves out what is
// below a warning, because they log each failed try and this exporter each change. It also
// leaves out what they log at a shutdown: a report that is called dropped then is still in
// the queue, and the next start sends it.
func warningsOf(logger *zap.Logger) *zap.Logger {
	return logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core { return warnings{core} }))
}

type warnings struct{ zapcore.Core }

func (w warnings) Enabled(level zapcore.Level) bool {
	return level >= zapcore.WarnLevel && w.Core.Enabled(level)
}

func (w warnings) With(fields []zapcore.Field) zapcore.Core { return warnings{w.Core.With(fields)} }

func (w warnings) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !w.Enabled(entry.Level) {
		return checked
	}
	return checked.AddCore(entry, w)
}

// Write implements zapcore.Core.
func (w warnings) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	if slices.ContainsFunc(fields, isShutdown) {
		return nil
	}
	return w.Core.Write(entry, fields)
}

func isShutdown(field zapcore.Field) bool {
	err, ok := field.Interface.(error)
	return ok && strings.Contains(err.Error(), "interrupted due to shutdown")
}
