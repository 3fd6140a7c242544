// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headcount-otel/headcount/internal/draft"
)

// newDraftCommand writes a profile from a database.
func newDraftCommand() *cobra.Command {
	var program string
	var timeout time.Duration
	command := &cobra.Command{
		Use:   "draft [DATABASE_URL]",
		Short: "Writes a commented profile from a database's schema",
		Long: `Writes a profile for the program whose database this is: postgres://…, mysql://… or sqlite:///path,
or without a URL that of the environment variable DATABASE_URL. It reads the schema, and of the rows
only counts, numbers of distinct values and forms of single values, none of which it prints.`,
		Args:         cobra.MaximumNArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			location := os.Getenv("DATABASE_URL")
			if len(args) == 1 {
				location = args[0]
			}
			if location == "" {
				return errors.New("no database: write its URL, such as sqlite:////srv/app/app.sqlite3, or set DATABASE_URL")
			}
			if program == "" {
				program = programOf(location)
			}
			text, err := draft.Write(cmd.Context(), location, program, timeout)
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), text)
			return nil
		},
	}
	command.Flags().StringVar(&program, "name", "", "the program's name, by which its metrics begin (default the database's)")
	command.Flags().DurationVar(&timeout, "timeout", time.Minute, "the longest that it looks")
	return command
}

// programOf is the database's name, without what follows a dot.
func programOf(location string) string {
	_, rest, _ := strings.Cut(location, "://")
	if parsed, err := url.Parse("x://" + rest); err == nil {
		rest = parsed.Path
	}
	name, _, _ := strings.Cut(path.Base(rest), ".")
	return name
}
