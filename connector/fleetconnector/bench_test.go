// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"testing"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

const installed = 100_000

func newBenchmark(b *testing.B) *rig {
	r := newRig(b, func(cfg *Config) {
		cfg.Metrics = numberRules{"a": {}, "b": {Bounds: []int64{0, 1, 6, 21}}, "c": {OneBit: &rule.OneBit{Max: 1000}}}
		cfg.Resource = textRules{"v": {}, "w": {}}
	})
	for i := range installed {
		r.hear(fmt.Sprint("installation ", i), "a", i, "b", i, "c", i%2, "v", fmt.Sprint("5.", i%10), "w", i%2 == 0)
	}
	b.ReportAllocs()
	return r
}

// BenchmarkHear is one report of a known installation among 100,000.
func BenchmarkHear(b *testing.B) {
	r := newBenchmark(b)
	report := reportOf("installation 7", "a", 1, "b", 2, "c", 1, "v", "5.3", "w", true)
	for b.Loop() {
		_ = r.c.ConsumeMetrics(b.Context(), report)
	}
}

// BenchmarkTell is all figures of 100,000 installations.
func BenchmarkTell(b *testing.B) {
	r := newBenchmark(b)
	for b.Loop() {
		r.c.snapshot(r.at)
	}
}
