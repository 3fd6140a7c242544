// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// endProgram asks the Collector to shut down in order, as an operator would,
// until ending is closed: a Collector that is still starting does not listen
// yet. Where a process cannot signal itself, a fatal status does the same with
// an error in the log.
func endProgram(host component.Host, ending <-chan struct{}) {
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
		<-heard // none is under way when we stop to listen
		select {
		case <-ending:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}
