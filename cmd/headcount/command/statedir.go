// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headcount-otel/headcount/internal/statedir"
)

// namingFolder says what to do about a state folder that this program's user cannot make or write to.
func namingFolder(err error) error {
	dir := os.Getenv(statedir.Variable)
	for _, refusal := range []string{"permission denied", "read-only file system", "not a directory"} {
		if dir != "" && strings.Contains(err.Error(), dir) && strings.Contains(err.Error(), refusal) {
			return fmt.Errorf("%w: set %s to a folder that this program's user may make and write to", err, statedir.Variable)
		}
	}
	return err
}

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
