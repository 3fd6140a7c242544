// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

const (
	// before is the commit whose fleet lay in maps and was stored as JSON.
	before = "4cf0151"
	// bound is how long its benchmark may take.
	bound = 15 * time.Minute
)

// BenchmarkBefore is BenchmarkFleet of the earlier build at a million, once: the same file, compiled beside that commit's connector.
func BenchmarkBefore(b *testing.B) {
	const n = 1_000_000
	b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
		binary := earlier(b)
		for b.Loop() {
			ctx, cancel := context.WithTimeout(b.Context(), bound)
			defer cancel()
			run := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.bench", fmt.Sprintf("Fleet/n=%d$", n), "-test.benchtime", "1x", "-test.timeout", "0")
			run.Env = append(os.Environ(), "TMPDIR="+b.TempDir()) // what a run that is ended leaves behind goes with this folder
			output, err := run.CombinedOutput()
			if ctx.Err() != nil {
				b.Skipf("%s fills, starts and tells %d installations in more than %s", before, n, bound)
			}
			require.NoError(b, err, "%s", output)
			reader := benchfmt.NewReader(bytes.NewReader(output), before)
			for reader.Scan() {
				result, ok := reader.Result().(*benchfmt.Result)
				if !ok {
					continue
				}
				for _, v := range result.Values {
					if strings.HasSuffix(v.Unit, "/fleet") || strings.HasSuffix(v.Unit, "/installation") {
						b.ReportMetric(v.Value, v.Unit)
					}
				}
			}
		}
	})
}

// earlier builds the benchmark of this folder in a checkout of the commit.
func earlier(b *testing.B) string {
	root, err := filepath.Abs("../..")
	require.NoError(b, err)
	checkout := filepath.Join(b.TempDir(), "headcount")
	folder := filepath.Join(checkout, "fleetbench")
	do := func(in, name string, args ...string) {
		b.Helper()
		command := exec.Command(name, args...)
		command.Dir = in
		output, err := command.CombinedOutput()
		require.NoError(b, err, "%s %s: %s", name, strings.Join(args, " "), output)
	}
	do(root, "git", "clone", "--quiet", "--shared", "--no-checkout", root, checkout)
	do(checkout, "git", "checkout", "--quiet", before)
	source, err := os.ReadFile("fleet_test.go")
	require.NoError(b, err)
	require.NoError(b, os.Mkdir(folder, 0o755))
	require.NoError(b, os.WriteFile(filepath.Join(folder, "fleet_test.go"), source, 0o644))
	binary := filepath.Join(checkout, "fleet.test")
	do(folder, "go", "test", "-c", "-o", binary, ".")
	return binary
}
