// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"io"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// place is what a value stands for: sticky draws are made for it, and for nothing
// that changes from report to report.
type place struct {
	memory *memory
	// instance is the installation's id as it arrived: behind a gateway many share a secret.
	instance string
	// name of the metric or resource attribute.
	name string
	// attributes of the data point, as they leave.
	attributes pcommon.Map
	// part tells the counts of one histogram apart.
	part string

	delta, histogram bool
}

// placeOf is nowhere yet.
func placeOf(m *memory) place { return place{memory: m, attributes: pcommon.NewMap()} }

// draw gives the random bytes that belong to a rule, with its parameters, at this place.
func (at *place) draw(rule string, parameters ...string) io.Reader {
	return at.memory.secret.Draw(slices.Concat([]string{rule}, at.parts(), parameters)...)
}

// bucket is the range of x, given the one in which this place was before.
func (at *place) bucket(b mechanism.Buckets, x int64) int {
	return at.memory.bucket(at.memory.secret.Pseudonym(append([]string{"bucket"}, at.parts()...)...), b, x)
}

func (at *place) parts() []string {
	return []string{at.instance, at.name, canonical(at.attributes), at.part}
}

// canonical is one text for each set of attributes, in whatever order they come.
func canonical(attributes pcommon.Map) string {
	pairs := make([]string, 0, attributes.Len())
	for name, v := range attributes.All() {
		pair := mechanism.AppendPart(nil, name)
		pair = mechanism.AppendPart(pair, v.Type().String())
		pairs = append(pairs, string(mechanism.AppendPart(pair, v.AsString())))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "")
}
