// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/spf13/pflag"
	"go.opentelemetry.io/collector/otelcol"
)

// TestAStreamIsReadOnce: what a shell's <(…) or standard input says counts, as it would from a file.
func TestAStreamIsReadOnce(t *testing.T) {
	command := newDiff(providers())
	withStreams(command)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	fmt.Fprint(write, "processors: {anonymizer: {resource: {app.debug: null}}}")
	_ = write.Close()
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetArgs([]string{"--config", "app:sql-explorer", "--config", fmt.Sprintf("/dev/fd/%d", read.Fd())})
	if err := command.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "gone  STARTUP_STATS.debug (app.debug)  kept exact → does not leave (--config yaml:1)\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestEachCommandReadsStreamsOnce, the start before all others: a mode that comes by a stream would be lost.
func TestEachCommandReadsStreamsOnce(t *testing.T) {
	root := New(otelcol.CollectorSettings{})
	for _, command := range append(root.Commands(), root) {
		command.Flags().VisitAll(func(flag *pflag.Flag) {
			if _, reads := flag.Value.(streams); flag.Name == "config" && !reads {
				t.Errorf("%s reads a stream more than once", command.Name())
			}
		})
	}
}
