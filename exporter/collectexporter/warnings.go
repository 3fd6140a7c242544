// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// warningsOf is the logger without what is below a warning: the Collector's retry
// tells of each failed try, this exporter of each change.
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
	return w.Core.Check(entry, checked)
}
