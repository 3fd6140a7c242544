// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"errors"
	"os"
	"syscall"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// endProgram asks the Collector to shut down in order, as an operator would.
// Where a process cannot signal itself, a fatal status does the same with an error in the log.
func endProgram(host component.Host) {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(syscall.SIGTERM)
	}
	if err != nil {
		componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(errors.New("the program ends because it has done what it was started for")))
	}
}
