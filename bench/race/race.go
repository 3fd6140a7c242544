// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package race lets contenders do the same work in turns in one process, so that what else the
// machine does meanwhile hits all of them, and compares them lap by lap.
package race // import "github.com/headcount-otel/headcount/bench/race"

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// Contender does a lap of the work each time it is asked.
type Contender struct {
	Name string
	// Prepare is not measured. It may be nil.
	Prepare func()
	Lap     func()
}

type lap struct{ elapsed, processor time.Duration }

// Run lets us and our peers take turns, of which each is so many units of work, and reports
//   - NAME-ns/UNIT and NAME-cpu-ns/UNIT of each contender: the median over all laps,
//   - rate-of-PEER: how fast we are, where 1 is as fast as the peer: the median over all pairs of laps,
//   - time-of-PEER: how much time we take of what the peer takes,
//   - cpu-of-PEER: how much of the processors' time we take of what the peer takes.
//
// Processor time is the whole process's. Where it holds both client and server, the part that is
// none of the contender's is the same for all.
func Run(b *testing.B, units int, unit string, us Contender, peers ...Contender) {
	b.Helper()
	all := append([]Contender{us}, peers...)
	laps := make([][]lap, len(all))
	for turn := 0; b.Loop(); turn++ {
		for i := range all {
			i = (i + turn) % len(all) // nobody is always the first
			laps[i] = append(laps[i], all[i].run())
		}
	}
	for i, c := range all {
		b.ReportMetric(median(laps[i], func(n int) float64 { return float64(laps[i][n].elapsed) })/float64(units), c.Name+"-ns/"+unit)
		b.ReportMetric(median(laps[i], func(n int) float64 { return float64(laps[i][n].processor) })/float64(units), c.Name+"-cpu-ns/"+unit)
		if i > 0 {
			b.ReportMetric(median(laps[i], func(n int) float64 {
				return float64(laps[i][n].elapsed) / float64(laps[0][n].elapsed)
			}), "rate-of-"+c.Name)
			b.ReportMetric(median(laps[i], func(n int) float64 {
				return float64(laps[0][n].elapsed) / float64(laps[i][n].elapsed)
			}), "time-of-"+c.Name)
			b.ReportMetric(median(laps[i], func(n int) float64 {
				return float64(laps[0][n].processor) / float64(laps[i][n].processor)
			}), "cpu-of-"+c.Name)
		}
	}
}

func (c Contender) run() lap {
	if c.Prepare != nil {
		c.Prepare()
	}
	processor, begun := processorTime(), time.Now()
	c.Lap()
	return lap{time.Since(begun), processorTime() - processor}
}

func median(laps []lap, of func(n int) float64) float64 {
	values := make([]float64, len(laps))
	for n := range laps {
		values[n] = of(n)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
