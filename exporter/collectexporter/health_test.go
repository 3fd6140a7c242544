// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// A disk that is full for a hundred thousand installations is one line.
func TestOneReasonIsSaidOnce(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	h := &health{logger: zap.New(core), host: componenttest.NewNopHost()}
	for owner := range 10 {
		h.fail(problem{what: theStorage}, fmt.Errorf("state %d cannot be stored: %w", owner, syscall.ENOSPC), "Nothing is sent")
	}
	assert.Equal(t, 1, logs.Len())
	h.fail(problem{what: theStorage}, fmt.Errorf("state %d cannot be stored: %w", 1, syscall.EROFS), "Nothing is sent")
	assert.Equal(t, 2, logs.Len(), "another reason")
	h.recover(problem{what: theStorage}, "It works again")
	h.fail(problem{what: theStorage}, fmt.Errorf("state %d cannot be stored: %w", 1, syscall.EROFS), "Nothing is sent")
	assert.Equal(t, 4, logs.Len())
}

// Where the program's last line says what became of each stat, an error in the log would say it twice.
func TestWhatTheEndSaysIsNoError(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	h := &health{logger: zap.New(core), host: componenttest.NewNopHost(), concluded: true}
	for problem, level := range map[problem]zapcore.Level{
		{what: theEndpoint}:    zap.InfoLevel,
		{theRefusal, "USAGE"}:  zap.InfoLevel,
		{what: theStorage}:     zap.ErrorLevel,
		{what: theRecord}:      zap.ErrorLevel,
		{theEncoding, "USAGE"}: zap.ErrorLevel,
	} {
		h.fail(problem, syscall.ENOSPC, "Nothing is sent")
		lines := logs.TakeAll()
		assert.Len(t, lines, 1)
		assert.Equal(t, level, lines[0].Level, problem)
	}
}
