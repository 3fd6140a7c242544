// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// maxCount bounds a bucket's count in one installation: the buckets of a whole fleet add up to whole numbers.
const maxCount = 1 << 32

// maxBuckets bounds the buckets of one installation's histogram.
const maxBuckets = 200

// histograms are added up, bucket by bucket.
type histograms struct {
	unit string
}

func (histograms) kind() answerKind { return aGroup }

// observe reads the one histogram of a whole installation.
func (histograms) observe(said observation) (answer, bool) {
	if said.metric.Type() != pmetric.MetricTypeHistogram {
		value, ok := said.single()
		return answer{}, ok && value.AsRaw() == nil
	}
	points := said.metric.Histogram().DataPoints()
	if points.Len() != 1 || points.At(0).Attributes().Len() > 0 {
		return answer{}, false
	}
	p := points.At(0)
	if p.Flags().NoRecordedValue() {
		return answer{}, true
	}
	bounds, counts := p.ExplicitBounds(), p.BucketCounts()
	if counts.Len() != bounds.Len()+1 || counts.Len() > maxBuckets {
		return answer{}, false
	}
	a := answer{kind: aGroup}
	for at, count := range counts.All() {
		if count > maxCount {
			return answer{}, false
		}
		upper := math.Inf(1)
		if at < bounds.Len() {
			upper = bounds.At(at)
		}
		a.parts = append(a.parts, part{strconv.FormatFloat(upper, 'g', -1, 64), float64(count)})
	}
	return a, true
}

// emit adds up the histograms with the bounds that most installations have.
func (h histograms) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	byBounds := map[string]int{}
	for a := range answers {
		byBounds[boundsOf(a)]++
	}
	if len(byBounds) == 0 {
		return
	}
	common := byFrequency(byBounds)[0]
	if !to.tells(byBounds[common]) {
		return
	}
	names := strings.Split(common, ",")
	installations, counts := make([]int, len(names)), make([]int, len(names))
	for a := range answers {
		if boundsOf(a) != common {
			continue
		}
		for at, p := range a.parts {
			if p.number > 0 {
				installations[at]++
			}
			counts[at] += int(p.number)
		}
	}
	uppers := make([]float64, len(names)-1)
	for at := range uppers {
		uppers[at], _ = strconv.ParseFloat(names[at], 64) // written by observe
	}
	to.installations(about).count(byBounds[common])
	if uppers, counts, told := floored(uppers, installations, counts, to.min); told {
		to.histogram(about.name+".distribution", h.unit, "Histograms of the installations, added up. "+about.description, uppers, counts, math.NaN())
	}
}

func boundsOf(a answer) string {
	names := slices.Collect(func(yield func(string) bool) {
		for _, p := range a.parts {
			if !yield(p.name) {
				return
			}
		}
	})
	return strings.Join(names, ",")
}
