// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
	"github.com/headcount-otel/headcount/internal/changes"
	"github.com/headcount-otel/headcount/internal/dashboard"
	"github.com/headcount-otel/headcount/makersconverter"
)

const makersOverlay = "app:makers"

// newDashboard is the command that writes what makers look at, for the profile that their applications have.
func newDashboard(settings confmap.ResolverSettings) *cobra.Command {
	var configs []string
	var folder string
	command := &cobra.Command{
		Use:   "dashboard --config PROFILE [--config FILE...]",
		Short: "Writes a Grafana dashboard and Prometheus alert rules for a profile's figures",
		Long: `Makes the makers' side of the profile, as app:makers does, and writes for the figures that its fleet connector tells
dashboard.json, to be imported into Grafana, and alerts.yaml, for Prometheus' rule_files. Both have the names that the Prometheus
exporter gives. A configuration with a fleet connector of its own is taken as it is. Nothing is started, read or sent.`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(configs) == 0 {
				return errors.New("--config: missing: write the profile, such as --config file:guestbook.yaml")
			}
			fleet, err := fleetOf(cmd.Context(), settings, configs)
			if err != nil {
				return err
			}
			for name, make := range map[string]func(*fleetconnector.Config) ([]byte, error){"dashboard.json": dashboard.Grafana, "alerts.yaml": dashboard.Rules} {
				text, err := make(fleet)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil { //nolint:gosec // other programs read it
					return err
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Written: %s and %s\n", filepath.Join(folder, "dashboard.json"), filepath.Join(folder, "alerts.yaml"))
			return nil
		},
	}
	command.Flags().StringArrayVar(&configs, "config", nil, "`location`: the profile's, and each file's that is laid over it")
	command.Flags().StringVar(&folder, "out", ".", "the `folder` to write to")
	return command
}

// fleetOf is the fleet connector of a configuration, or the one that app:makers makes of a profile.
func fleetOf(ctx context.Context, settings confmap.ResolverSettings, configs []string) (*fleetconnector.Config, error) {
	found, err := fleetsOf(ctx, settings, configs)
	if err == nil && len(found) == 0 && !slices.Contains(configs, makersOverlay) {
		found, err = fleetsOf(ctx, settings, append(slices.Clone(configs), makersOverlay))
	}
	if err != nil {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(found))
	if len(ids) != 1 {
		return nil, fmt.Errorf("connectors: %d fleet connectors (%s): write a configuration with one", len(ids), strings.Join(ids, ", "))
	}
	return found[ids[0]], found[ids[0]].Validate()
}

func fleetsOf(ctx context.Context, settings confmap.ResolverSettings, configs []string) (map[string]*fleetconnector.Config, error) {
	merged, err := changes.Merged(ctx, settings, configs, makersconverter.NewFactory())
	if err != nil {
		return nil, err
	}
	return sectionsOf[fleetconnector.Config](merged, "connectors", fleetconnector.NewFactory())
}
