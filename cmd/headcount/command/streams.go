// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// streams is a flag that names configurations. What can be read only once, such as a pipe or standard input, is
// read here: the files are looked at before the Collector merges them, and what it would find then is empty, and no error.
type streams struct{ pflag.Value }

// withStreams has every --config of a command and those below it read a stream once.
func withStreams(command *cobra.Command) {
	if flag := command.Flags().Lookup("config"); flag != nil {
		flag.Value = streams{flag.Value}
	}
	for _, below := range command.Commands() {
		withStreams(below)
	}
}

// Set implements pflag.Value.
func (s streams) Set(text string) error {
	path := strings.TrimPrefix(text, "file:")
	if info, err := os.Stat(path); err != nil || info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice|fs.ModeSocket) == 0 {
		return s.Value.Set(text)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return s.Value.Set("yaml:" + string(content))
}

// keptOf is what was written under a flag.
func keptOf(flags *pflag.FlagSet, name string) []string {
	value := flags.Lookup(name).Value
	if all, is := value.(streams); is {
		value = all.Value
	}
	return value.(*kept).values
}
