// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAStartLeavesItsGarbage(t *testing.T) {
	set := debug.SetGCPercent(100)
	defer debug.SetGCPercent(set)
	percent := func() int {
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		return now
	}
	t.Setenv("GOGC", "")
	synctest.Test(t, func(t *testing.T) {
		collectLater()
		assert.Equal(t, startGarbage, percent())
		time.Sleep(startTime)
		synctest.Wait()
		assert.Equal(t, 100, percent())
	})
	t.Setenv("GOGC", "50")
	collectLater()
	assert.Equal(t, 100, percent(), "whoever sets it has said what holds")
}
