// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// holdSignals keeps a signal that comes while the Collector starts, which listens for signals last of all, and
// would be killed by it: it is given again until somebody has heard it, and the program ends in order.
func holdSignals() {
	if runtime.GOOS == "windows" { // where a process cannot signal itself
		return
	}
	early := make(chan os.Signal, 1)
	signal.Notify(early, os.Interrupt, syscall.SIGTERM)
	go func() {
		first := <-early
		self, err := os.FindProcess(os.Getpid())
		for ; err == nil; time.Sleep(100 * time.Millisecond) {
			err = self.Signal(first)
		}
	}()
}
