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
