// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/internal/changes"
	"github.com/headcount-otel/headcount/internal/layers"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// withAgainst lets validate ask a database as well: static checks end where the database begins.
func withAgainst(command *cobra.Command, settings confmap.ResolverSettings) {
	var urls []string
	var timeout time.Duration
	command.Flags().StringArrayVar(&urls, "against", nil, "`DATABASE_URL`: asks this database as well whether each reading gives what it should; of several databases SOURCE=DATABASE_URL")
	command.Flags().DurationVar(&timeout, "timeout", time.Minute, "the longest that a database is asked")
	run := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if err := run(cmd, args); err != nil || len(urls) == 0 {
			return err
		}
		all := slices.Clone(keptOf(cmd.Flags(), "config"))
		for _, set := range keptOf(cmd.Flags(), "set") {
			all = append(all, "yaml:"+strings.TrimPrefix(set, layers.FromSet))
		}
		merged, err := changes.Merged(cmd.Context(), settings, all)
		if err != nil {
			return err
		}
		readers, err := sectionsOf[appusagereceiver.Config](merged, "receivers", appusagereceiver.NewFactory())
		if err != nil {
			return err
		}
		return askDatabases(cmd, readers, urls, timeout)
	}
}

// askDatabases says what each database remarks on the readings, and fails where one of them fails.
func askDatabases(cmd *cobra.Command, readers map[string]*appusagereceiver.Config, urls []string, timeout time.Duration) error {
	failed := 0
	for _, written := range urls {
		id, source, url, err := asked(readers, written)
		if err != nil {
			return err
		}
		remarks, err := readers[id].Against(cmd.Context(), source, url, timeout)
		if err != nil {
			return fmt.Errorf("--against: %w", err)
		}
		for _, remark := range remarks {
			kind := "warning"
			if remark.Fails {
				kind = "error"
				failed++
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: receivers::%s::%s: %s\n", kind, id, remark.Key, remark.Text)
		}
		if len(remarks) == 0 {
			fmt.Fprintln(cmd.OutOrStdout(), "Each reading gives what it should, on this database.")
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d readings fail on this database", failed)
	}
	return nil
}

// asked finds the source in whose place a database is asked.
func asked(readers map[string]*appusagereceiver.Config, written string) (id, source, url string, err error) {
	name, rest, named := strings.Cut(written, "=")
	if named = named && !strings.Contains(name, ":"); named {
		written = rest
	}
	var found []string
	for reader, cfg := range readers {
		for _, database := range cfg.Databases() {
			if !named || database == name {
				id, source = reader, database
				found = append(found, database)
			}
		}
	}
	slices.Sort(found)
	switch {
	case len(found) == 1:
		return id, source, written, nil
	case named && len(found) == 0:
		return "", "", "", fmt.Errorf("--against: %q is no source that is a database", name)
	case len(found) == 0:
		return "", "", "", errors.New("--against: the configuration reads no database")
	default:
		return "", "", "", fmt.Errorf("--against: there are several databases: write %s=DATABASE_URL", strings.Join(found, "=DATABASE_URL, or "))
	}
}
