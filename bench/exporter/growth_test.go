// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exporter

import (
	"fmt"
	"testing"
)

// BenchmarkGrowth sends the reports of n installations that the exporter has not met before, and
// that it remembers from then on.
func BenchmarkGrowth(b *testing.B) {
	for _, laps := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("n=%d", laps*lap), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := collecting(b, "collect", concurrency, nil)
				for range laps {
					c.Prepare()
					b.StartTimer()
					c.Lap()
					b.StopTimer()
				}
				b.StartTimer()
			}
		})
	}
}
