// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package collect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The race detector allocates on its own account.
func TestEncodeAllocatesOnce(t *testing.T) {
	s := typical()
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() {
		if _, err := s.AppendJSON(nil); err != nil {
			t.Error(err)
		}
	}), 1.0)
}
