// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Mark says that the anonymizer was the last to build a request's data in this
// process, and under which rules.
type Mark struct {
	rules string
	data  fingerprint // 0 where nobody asked
	nulls Nulls
}

// Nulls say what a number without value may be, which the data itself does not: one that is
// too small to leave and one that was not found leave the same bytes. What is told of them
// stays in the process.
type Nulls struct {
	// Unread are the positions of the resources of which no number at all was found.
	Unread []int
	// Suppresses reports whether a metric's numbers may be too small to leave.
	Suppresses func(metric string) bool
}

type markKey struct{}

// marked carries cancellation and the mark, and nothing else that its parent knew:
// no client address, no request metadata, no trace.
type marked struct {
	context.Context
	mark Mark
}

func (m marked) Value(key any) any {
	if key == (markKey{}) {
		return m.mark
	}
	return nil
}

// Anonymized marks a request's context: this very data went through the anonymizer,
// under the rules of this fingerprint. All other values of ctx are left behind; its
// deadline and cancellation hold.
//
// The mark crosses no network hop, no queue and no processor that starts a context
// of its own (batch). It covers a copy of the data, and no other data: neither what
// a connector makes of it, nor what a later processor changes or adds.
func Anonymized(ctx context.Context, data pmetric.Metrics, rules string, nulls Nulls) context.Context {
	mark := Mark{rules: rules, nulls: nulls}
	if askers.Load() > 0 {
		mark.data = fingerprintOf(data)
	}
	return marked{ctx, mark}
}

// askers counts who will ask what marks cover.
var askers atomic.Int64

// AskForMarks says that somebody in this process will ask what marks cover, until it calls release. It says so
// when it starts, which is before any data comes. Where nobody does, marks cover nothing: to take in all data
// would be a fifth of the anonymizer's work, done for nobody.
func AskForMarks() (release func()) {
	askers.Add(1)
	return sync.OnceFunc(func() { askers.Add(-1) })
}

// MarkOf is the mark that ctx carries, and whether it carries one.
func MarkOf(ctx context.Context) (Mark, bool) {
	mark, ok := ctx.Value(markKey{}).(Mark)
	return mark, ok
}

// Covers reports whether data is what the anonymizer built. It is false where nobody had asked for marks
// (AskForMarks) when it was built.
func (m Mark) Covers(data pmetric.Metrics) bool { return m.data != 0 && m.data == fingerprintOf(data) }

// Rules is the fingerprint of the rules that built the data: the same for the same rules
// in any process, so that it can be stored beside what waits (see RulesInForce).
func (m Mark) Rules() string { return m.rules }

// Hides tells, of the metrics of the resource at this position, whose numbers may be there and be too small
// to leave. A number without value that is not hidden was not found. It is nil where nobody said.
//
// Where a resource has any number at all, each metric that is suppressed hides: whether its number is small or not
// there must make no difference to what leaves.
func (m Mark) Hides(resource int) func(metric string) bool {
	if m.nulls.Suppresses == nil || !slices.Contains(m.nulls.Unread, resource) {
		return m.nulls.Suppresses
	}
	return func(string) bool { return false }
}
