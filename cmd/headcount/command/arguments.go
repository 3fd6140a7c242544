// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// namingFiles has a command and those below it say how a file is named: an argument alone names none.
func namingFiles(command *cobra.Command) {
	if command.Flags().Lookup("config") != nil && !command.HasSubCommands() || !command.HasParent() {
		command.Args = func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%q: names nothing by itself: write --config %s for a configuration", args[0], args[0])
			}
			return nil
		}
	}
	for _, below := range command.Commands() {
		namingFiles(below)
	}
}

var unknownScheme = regexp.MustCompile(`unsupported scheme on URI "([a-zA-Z]+):|invalid uri: "`)

// namingSchemes adds to an error of a configuration's name how one is written.
func namingSchemes(err error) error {
	m := unknownScheme.FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		return err
	case strings.HasPrefix(m[1], "http"):
		return errors.New(err.Error() + ": this program fetches nothing: fetch it into a file, and write file:PATH")
	default:
		return errors.New(err.Error() + ": write app:NAME, file:PATH, env:VARIABLE or yaml:TEXT, in small letters and without blanks")
	}
}
