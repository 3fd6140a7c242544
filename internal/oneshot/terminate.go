// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// Terminate asks the Collector to shut down in order, as an operator would,
// until ending is closed: a Collector that is still starting does not listen
// yet. Where a process cannot signal itself, a fatal status does the same with
// an error in the log.
func Terminate(host component.Host, ending <-chan struct{}) {
	heard := make(chan os.Signal, 1) // who listens is not killed by the signal
	signal.Notify(heard, syscall.SIGTERM)
	defer signal.Stop(heard)
	for {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Signal(syscall.SIGTERM)
		}
		if err != nil {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(errors.New("the program has done what it was started for, and ends")))
			return
		}
		<-heard // no signal is under way when this function returns
		select {
		case <-ending:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}
