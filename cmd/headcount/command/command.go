// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package command is the command line of the distributions: the Collector's own, with ours beside it.
package command // import "github.com/headcount-otel/headcount/cmd/headcount/command"

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/headcount-otel/headcount/internal/layers"
	"github.com/headcount-otel/headcount/internal/plainlog"
)

// New is the Collector's command with ours beside its own. ocb writes main.go, whose one line that
// makes the command is turned to this one by .ci/distribution.
func New(set otelcol.CollectorSettings) *cobra.Command {
	log := plainlog.New(set.BuildInfo)
	set.LoggingOptions = append(set.LoggingOptions, log.Option())
	set = withOtherProgram(set)
	resolver := &set.ConfigProviderSettings.ResolverSettings
	silenced := &silencedSignals{settings: *resolver}
	resolver.ConverterFactories = append([]confmap.ConverterFactory{silenced.factory()}, silenced.locating(resolver.ConverterFactories)...)
	root := otelcol.NewCommand(set)
	root.Short = "Anonymous usage statistics of a self-hosted application"
	root.Long = about()
	withLayers(root, silenced, set.Factories)
	withStateFolder(root)
	for _, command := range root.Commands() {
		if command.Name() == "validate" {
			withLayers(command, silenced, set.Factories)
			withStateFolder(command)
			withAgainst(command, set.ConfigProviderSettings.ResolverSettings)
		}
	}
	root.Flags().Lookup("config").Usage = "`location` of a configuration: app:NAME, file:PATH, yaml:TEXT; of several, later ones say over earlier ones"
	_ = root.Flags().MarkHidden("feature-gates")
	root.AddCommand(newKeys())
	root.AddCommand(newDiff(set.ConfigProviderSettings.ResolverSettings))
	root.AddCommand(newDashboard(set.ConfigProviderSettings.ResolverSettings))
	withPlainEnd(root, log)
	answerBare(root)
	root.AddCommand(newDraftCommand())
	root.AddCommand(newStatusCommands(set.ConfigProviderSettings.ResolverSettings)...)
	withStreams(root)
	namingFiles(root)
	holdSignals()
	collectLater()
	return root
}

// withLayers reads the files before the Collector merges them: it says what one of them says in vain, and where
// the keys stand that an error names.
func withLayers(command *cobra.Command, silenced *silencedSignals, factories func() (otelcol.Factories, error)) {
	configs := keepValues(command.Flags(), "config", func(text string) string { return text })
	sets := keepValues(command.Flags(), "set", func(text string) string {
		path, value, _ := strings.Cut(text, "=")
		return layers.FromSet + strings.ReplaceAll(path, ".", "::") + ": " + value
	})
	run := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error {
		silenced.locations = slices.Concat(configs.values, sets.values)
		all, err := layers.Read(silenced.locations)
		if err != nil {
			return err
		}
		for _, warning := range slices.Concat(layers.Warnings(all), layers.MisspeltVariables(all, os.Environ()), looser(cmd.Context(), silenced.settings, all)) {
			fmt.Fprintln(cmd.ErrOrStderr(), "warning:", warning)
		}
		if err = run(cmd, args); err == nil {
			return nil
		}
		paths, err := inPlainWords(namingFolder(namingSchemes(err)), all, factories)
		err = withKeys(err, factories)
		at := layers.LocatePaths(all, paths)
		if paths == nil {
			at = layers.Locate(all, err.Error())
		}
		if len(at) > 0 {
			return fmt.Errorf("%w\n  at %s", err, strings.Join(at, "\n  at "))
		}
		return err
	}
}

// kept is a flag that remembers what was written.
type kept struct {
	pflag.Value
	uri    func(string) string
	values []string
}

func keepValues(flags *pflag.FlagSet, name string, uri func(string) string) *kept {
	flag := flags.Lookup(name)
	k := &kept{Value: flag.Value, uri: uri}
	flag.Value = k
	return k
}

// Set implements pflag.Value.
func (k *kept) Set(text string) error {
	k.values = append(k.values, k.uri(text))
	return k.Value.Set(text)
}

// withPlainEnd has the last line say what happened in the log's words.
func withPlainEnd(command *cobra.Command, log *plainlog.Log) {
	run := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error { return log.End(run(cmd, args)) }
}

// answerBare answers a command line without a configuration with what this program is.
func answerBare(root *cobra.Command) {
	run := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("config") {
			return run(cmd, args)
		}
		cmd.SetOut(cmd.ErrOrStderr())
		_ = cmd.Help()
		return errors.New("nothing was started: write at least one --config")
	}
}
