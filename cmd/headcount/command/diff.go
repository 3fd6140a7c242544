// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/internal/changes"
	"github.com/headcount-otel/headcount/internal/layers"
)

// newDiff is the command that tells what files change against the profile below them.
func newDiff(settings confmap.ResolverSettings) *cobra.Command {
	var configs, sets []string
	command := &cobra.Command{
		Use:   "diff --config PROFILE --config FILE...",
		Short: "Says what files change against the profile: rounder, exact, gone, new, more often",
		Long: `Merges the profile alone, and then all files, as the Collector does, and says what differs: which fields leave
rounder, finer, exact, no more (gone) or for the first time (new), and which reports leave more or less often. What has no
such word is a setting, by its key alone. The file and line that say it stand behind. Nothing is started, read or sent.`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := compared(configs, sets)
			if err != nil {
				return err
			}
			below := profileOf(all)
			before, err := changes.Merged(cmd.Context(), settings, locations(all[:below]))
			if err != nil {
				return err
			}
			after, err := changes.Merged(cmd.Context(), settings, locations(all))
			if err != nil {
				return err
			}
			found, err := changes.Between(before, after)
			if err != nil {
				return err
			}
			return writeChanges(cmd.OutOrStdout(), found, all[below:])
		},
	}
	command.Flags().StringArrayVar(&configs, "config", nil, "`location`: first the profile's, then each file's that is laid over it")
	command.Flags().StringArrayVar(&sets, "set", nil, "`KEY=VALUE`, laid over all of them")
	return command
}

// compared are the layers that --config and --set name.
func compared(configs, sets []string) ([]layers.Layer, error) {
	written := slices.Clone(configs)
	for _, set := range sets {
		path, value, has := strings.Cut(set, "=")
		if !has {
			return nil, errors.New("--set: no value: write KEY=VALUE, such as processors.batch.timeout=2s")
		}
		written = append(written, layers.FromSet+strings.ReplaceAll(strings.TrimSpace(path), ".", confmap.KeyDelimiter)+": "+strings.TrimSpace(value))
	}
	if len(configs) == 0 || len(written) < 2 {
		return nil, errors.New("nothing to compare: write --config for the profile, and --config for each file over it")
	}
	return layers.Read(written)
}

// writeChanges writes each change, and where the layers over the profile say it.
func writeChanges(out io.Writer, found []changes.Change, over []layers.Layer) error {
	if len(found) == 0 {
		fmt.Fprintln(out, "Nothing changes.")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, change := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\n", change.Kind, change.What, change.How+where(over, change))
	}
	return table.Flush()
}

// profileOf is how many layers make the profile: the first alone, or, of a maker's own file over ours, both.
func profileOf(all []layers.Layer) int {
	for i, layer := range slices.Backward(all) {
		if layer.Profile && i < len(all)-1 {
			return i + 1
		}
	}
	return 1
}

func locations(all []layers.Layer) (uris []string) {
	for _, layer := range all {
		uris = append(uris, layer.Location)
	}
	return uris
}

// where names the file and line that make the change, where one does.
func where(over []layers.Layer, change changes.Change) string {
	at, _, found := strings.Cut(layers.At(over, change.Key), ": ")
	if !found {
		return ""
	}
	return " (" + at + ")"
}
