// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/internal/status"
	"github.com/headcount-otel/headcount/trust"
)

// signals are the variables that are heeded with every profile.
var signals = map[string]trust.Signal{"HEADCOUNT_MODE": trust.ModeName, "DO_NOT_TRACK": trust.OptOut}

// newStatusCommands are those that look into the state folder and start nothing.
func newStatusCommands(settings confmap.ResolverSettings) []*cobra.Command {
	var folder string
	var configs []string
	profile := &configured{consent: consent.Configured(trust.On.String(), signals, os.Getenv)}
	read := func(cmd *cobra.Command) (*status.Status, error) {
		dir, err := stateFolder(folder)
		if err != nil {
			return nil, err
		}
		if len(configs) > 0 {
			if profile, err = readConfigured(cmd.Context(), settings, configs); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "State folder: %s\n", dir)
		return status.Read(cmd.Context(), dir, profile.consent)
	}
	one := &cobra.Command{
		Use:   "status",
		Short: "Says who allows what, what left last and what is due, without a service",
		Long: `Reads the state folder, also beside a running service, and starts, sends and discards nothing. With the
--config of a start it also heeds the variables that only the profile names, such as the application's own switch,
and says when each report is due.`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := read(cmd)
			if err == nil {
				writeStatus(cmd.OutOrStdout(), s, profile, time.Now())
			}
			return err
		},
	}
	all := &cobra.Command{
		Use:          "ledger",
		Short:        "Prints every body that was sent, oldest first, without a service",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := read(cmd)
			if err == nil {
				writeLedger(cmd.OutOrStdout(), s)
			}
			return err
		},
	}
	for _, command := range []*cobra.Command{one, all} {
		command.Flags().StringVar(&folder, "state-dir", "", "the state folder (default that of a service: HEADCOUNT_STATE_DIR, STATE_DIRECTORY, or the user's)")
	}
	one.Flags().StringArrayVar(&configs, "config", nil, "`location` of a configuration, as the start has it: app:NAME, file:PATH")
	return []*cobra.Command{one, all}
}

// stateFolder is the one that is asked for, or that of a service.
func stateFolder(asked string) (statedir.Dir, error) {
	if asked == "" {
		dir, _, err := statedir.Default(os.Getenv)
		return dir, err
	}
	if info, err := os.Stat(asked); err != nil {
		return "", fmt.Errorf("--state-dir: %w: write the folder that the log of a start names", err)
	} else if !info.IsDir() {
		return "", fmt.Errorf("--state-dir: %s is no folder", asked)
	}
	return statedir.Dir(asked), nil
}

func writeStatus(out io.Writer, s *status.Status, profile *configured, now time.Time) {
	who := s.Who
	if s.Mode == trust.On && profile.stats == nil {
		who = "nothing here says no; a profile may"
	}
	fmt.Fprintf(out, "Mode: %s (%s)\n", s.Mode, who)
	last, stats := map[string]ledger.Entry{}, slices.Sorted(maps.Keys(profile.stats))
	for _, e := range s.Entries {
		if _, known := last[e.Stat]; !known && !slices.Contains(stats, e.Stat) {
			stats = append(stats, e.Stat)
		}
		last[e.Stat] = e
	}
	if len(s.Entries) == 0 {
		fmt.Fprintln(out, nothing(s))
	}
	if len(stats) == 0 {
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	heading, row := "STAT\tLAST\tTO\tANSWER", func(string) string { return "" }
	if profile.stats != nil {
		heading += "\tNEXT"
		row = func(name string) string { return "\t" + profile.next(name, s.Entries, s.Mode, now) }
	}
	fmt.Fprintln(table, heading)
	for _, name := range stats {
		if e, has := last[name]; has {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s%s\n", name, e.Time.Local().Format(time.RFC1123Z), e.Host, answered(e), row(name))
		} else {
			fmt.Fprintf(table, "%s\tnever\t\t%s\n", name, row(name))
		}
	}
	table.Flush()
	if len(s.Entries) > 0 {
		reports := map[bool]string{true: "1 report", false: fmt.Sprint(len(s.Entries), " reports")}[len(s.Entries) == 1]
		fmt.Fprintf(out, "%s in all; headcount ledger prints each.\n", reports)
	}
}

func writeLedger(out io.Writer, s *status.Status) {
	for _, e := range s.Entries {
		fmt.Fprintf(out, "%s  %s  to %s  %d bytes  %s\n", e.Time.Local().Format(time.RFC1123Z), e.Stat, e.Host, e.Size, answered(e))
		switch {
		case e.Discarded:
			fmt.Fprintln(out, "  (discarded: consent was withdrawn before it was taken)")
		case e.Body == nil:
			fmt.Fprintln(out, "  (too large to be kept)")
		default:
			fmt.Fprintf(out, "%s\n", e.Body)
		}
	}
	if len(s.Entries) == 0 {
		fmt.Fprintln(out, nothing(s))
	}
	if s.Unreadable > 0 {
		fmt.Fprintf(out, "%d entries cannot be read.\n", s.Unreadable)
	}
}

// nothing says why no report is listed. Where there is no record nothing is known: another user's cron has another folder.
func nothing(s *status.Status) string {
	if s.Kept {
		return "Nothing has been sent."
	}
	return "This folder has no record of what was sent: where another user runs Headcount, name that user's folder with --state-dir."
}

func answered(e ledger.Entry) string {
	switch {
	case e.DryRun:
		return "shown, not sent"
	case e.Accepted():
		return fmt.Sprintf("accepted (%d)", e.Status)
	case e.Status == 0:
		return "no answer"
	default:
		return fmt.Sprintf("refused (%d)", e.Status)
	}
}
