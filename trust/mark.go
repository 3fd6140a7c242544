// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "context"

type anonymizedKey struct{}

// anonymized carries cancellation and the mark, and nothing else that its parent knew:
// no client address, no request metadata, no trace.
type anonymized struct{ context.Context }

func (a anonymized) Value(key any) any {
	if key == (anonymizedKey{}) {
		return true
	}
	return nil
}

// Anonymized marks a request's context: its data went through the anonymizer.
// All other values of ctx are left behind; its deadline and cancellation hold.
//
// The mark says that the anonymizer was the last to build this data in this
// process. It crosses no network hop, no queue and no processor that starts a
// context of its own (batch); it does not see what a later processor adds.
func Anonymized(ctx context.Context) context.Context { return anonymized{ctx} }

// IsAnonymized reports whether ctx carries the mark.
func IsAnonymized(ctx context.Context) bool {
	marked, _ := ctx.Value(anonymizedKey{}).(bool)
	return marked
}
