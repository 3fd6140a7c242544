// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oncelog

import "go.uber.org/zap"

// Log is a logger that says what lasts once. The zero value with a Logger has said nothing yet.
type Log struct {
	Logger *zap.Logger
	said   Subjects[string]
}

// Warn warns of a subject that was not spoken of yet, or not in these words.
func (l *Log) Warn(subject, text string, fields ...zap.Field) {
	if l.said.Begins(subject, text) {
		l.Logger.Warn(text, fields...)
	}
}

// Note warns when something begins to fail, and says when it works again. Why it
// fails may be another thing each time, so a change of it is not said.
func (l *Log) Note(fails bool, failing, works string, fields ...zap.Field) {
	if fails {
		l.Warn(failing, failing, fields...)
	} else if l.said.Ends(failing) {
		l.Logger.Info(works)
	}
}

// Ends forgets a subject without a word, so that it is spoken of when it begins anew.
func (l *Log) Ends(subject string) { l.said.Ends(subject) }
