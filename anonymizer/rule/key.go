// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Key is what a value stands for: sticky draws are made for it, and for nothing
// that changes from report to report.
type Key struct {
	Memory Memory
	// Instance is the installation's id as it arrived: behind a gateway many share a secret.
	Instance string
	// Name of the metric or attribute.
	Name string
	// Attributes of the data point, as they leave.
	Attributes pcommon.Map
	// Part tells the counts of one histogram apart.
	Part string

	// parameters are those of the question that is asked, kept here so that asking needs no memory.
	parameters []string

	// Delta says that the number is an increment, Histogram that it is one of several counts.
	Delta, Histogram bool
}

// NewKey is the key of no value yet.
func NewKey(m Memory) Key { return Key{Memory: m, Attributes: pcommon.NewMap()} }

func (k *Key) sticky(rule string, d Distribution, parameters ...string) int64 {
	k.parameters = append(k.parameters[:0], parameters...)
	return k.Memory.Sticky(d, Question{rule, k, k.parameters})
}

// ranged is the range of x among b, given that of the number before.
func (k *Key) ranged(b mechanism.Buckets, x int64, parameters string) int {
	k.parameters = append(k.parameters[:0], parameters)
	return k.Memory.Range(b, Question{"bucket", k, k.parameters}, x)
}

// Parts are all that tells this key from others.
func (k *Key) Parts() []string {
	return []string{k.Instance, k.Name, canonical(k.Attributes), k.Part}
}

// appendAttributes appends one text for each set of attributes, and needs no memory for the usual one or none.
func appendAttributes(to []byte, attributes pcommon.Map) []byte {
	if attributes.Len() != 1 {
		return mechanism.AppendPart(append(to, 0), canonical(attributes))
	}
	to = append(to, 1)
	for name, v := range attributes.All() {
		to = mechanism.AppendPart(to, name)
		to = mechanism.AppendPart(to, v.Type().String())
		to = mechanism.AppendPart(to, v.AsString())
	}
	return to
}

// canonical is one text for each set of attributes, in whatever order they come.
func canonical(attributes pcommon.Map) string {
	if attributes.Len() == 0 {
		return ""
	}
	pairs := make([]string, 0, attributes.Len())
	for name, v := range attributes.All() {
		pair := mechanism.AppendPart(make([]byte, 0, 64), name)
		pair = mechanism.AppendPart(pair, v.Type().String())
		pairs = append(pairs, string(mechanism.AppendPart(pair, v.AsString())))
	}
	if len(pairs) == 1 {
		return pairs[0]
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "")
}
