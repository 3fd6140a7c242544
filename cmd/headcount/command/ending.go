// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

// around are the Collector's words around what a one-shot run has to say at its normal end.
const around = "failed to shutdown service after error: failed to shutdown extensions: "

// withPlainEnding leaves these words out: nothing failed to shut down.
func withPlainEnding(command *cobra.Command) {
	run := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error { return plain(run(cmd, args)) }
}

func plain(err error) error {
	if err == nil {
		return nil
	}
	if said, found := strings.CutPrefix(err.Error(), around); found {
		return errors.New(said)
	}
	return err
}
