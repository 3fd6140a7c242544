// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/headcount-otel/headcount/internal/statedir"
)

// withStateFolder settles where the state lies before any profile asks for it, by
// HEADCOUNT_STATE_DIR: the same folder from a shell, from cron and from systemd.
func withStateFolder(command *cobra.Command) {
	run := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error {
		dir, note, err := statedir.Default(os.Getenv)
		if err != nil {
			return err
		}
		if note != "" {
			fmt.Fprintln(cmd.ErrOrStderr(), "warning:", note)
		}
		if err := os.Setenv(statedir.Variable, string(dir)); err != nil {
			return err
		}
		return run(cmd, args)
	}
}
