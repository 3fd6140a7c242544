// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"os"
	"runtime/debug"
	"time"
)

const (
	// startTime is longer than a start takes where nothing else runs.
	startTime = 2 * time.Second
	// startGarbage is GOGC meanwhile: a start makes 25 MB of garbage, mostly copies of the configuration, and keeps 2.
	startGarbage = 400
)

// collectLater lets a start leave its garbage, whose collection is a quarter of its processor time, and then gives the
// memory back. It keeps out of the way of whoever has set the collector.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(startGarbage)
	time.AfterFunc(startTime, func() {
		debug.SetGCPercent(usual)
		debug.FreeOSMemory()
	})
}
