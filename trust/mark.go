// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Mark says that the anonymizer was the last to build a request's data in this
// process, and under which rules.
type Mark struct {
	rules string
	data  fingerprint
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
func Anonymized(ctx context.Context, data pmetric.Metrics, rules string) context.Context {
	return marked{ctx, Mark{rules, fingerprintOf(data)}}
}

// MarkOf is the mark that ctx carries, and whether it carries one.
func MarkOf(ctx context.Context) (Mark, bool) {
	mark, ok := ctx.Value(markKey{}).(Mark)
	return mark, ok
}

// Covers reports whether data is what the anonymizer built.
func (m Mark) Covers(data pmetric.Metrics) bool { return m.data == fingerprintOf(data) }

// Rules is the fingerprint of the rules that built the data: the same for the same rules
// in any process, so that it can be stored beside what waits (see RulesInForce).
func (m Mark) Rules() string { return m.rules }
