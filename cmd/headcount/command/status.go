// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/internal/status"
	"github.com/headcount-otel/headcount/trust"
)

// signals are the variables that are heeded with every profile.
var signals = map[string]trust.Signal{"HEADCOUNT_MODE": trust.ModeName, "DO_NOT_TRACK": trust.OptOut}

// newStatusCommands are those that look into the state folder and start nothing.
func newStatusCommands() []*cobra.Command {
	var folder string
	read := func(cmd *cobra.Command) (*status.Status, error) {
		dir := statedir.Dir(folder)
		if folder == "" {
			var err error
			if dir, _, err = statedir.Default(os.Getenv); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "State folder: %s\n", dir)
		return status.Read(cmd.Context(), dir, consent.Configured(trust.On.String(), signals, os.Getenv))
	}
	one := &cobra.Command{
		Use:   "status",
		Short: "Says who allows what, and what left last, without a service",
		Long: `Reads the state folder, also beside a running service, and starts, sends and discards nothing. A variable
that only a profile names, such as the application's own switch, is not known here.`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := read(cmd)
			if err == nil {
				writeStatus(cmd.OutOrStdout(), s)
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
	return []*cobra.Command{one, all}
}

func writeStatus(out io.Writer, s *status.Status) {
	who := s.Who
	if s.Mode == trust.On {
		who = "nothing here says no; a profile may"
	}
	fmt.Fprintf(out, "Mode: %s (%s)\n", s.Mode, who)
	last := map[string]ledger.Entry{}
	var stats []string
	for _, e := range s.Entries {
		if _, known := last[e.Stat]; !known {
			stats = append(stats, e.Stat)
		}
		last[e.Stat] = e
	}
	if len(stats) == 0 {
		fmt.Fprintln(out, "Nothing has been sent.")
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STAT\tLAST\tTO\tANSWER")
	for _, name := range stats {
		e := last[name]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, e.Time.Local().Format(time.RFC1123Z), e.Host, answered(e))
	}
	table.Flush()
	fmt.Fprintf(out, "%d reports in all; headcount ledger prints each.\n", len(s.Entries))
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
		fmt.Fprintln(out, "Nothing has been sent.")
	}
	if s.Unreadable > 0 {
		fmt.Fprintf(out, "%d entries cannot be read.\n", s.Unreadable)
	}
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
