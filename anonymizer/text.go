// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// text is a TextRule, ready to run.
type text struct {
	drops bool
	exact bool
	words string
	// claim says what the rule promises and what it does not; empty where the words say it all.
	claim string
	// apply changes a scalar value in place.
	apply func(v pcommon.Value, at *place) reason
}

func compileText(r TextRule) *text {
	switch {
	case r.Drop:
		return &text{drops: true, words: "dropped"}
	case r.Redact:
		return &text{words: `replaced by "redacted"`, apply: redact}
	case r.Allow != nil:
		return &text{words: allowWords(r), apply: allow(r)}
	case r.Version != "":
		return &text{words: "cut to the " + string(r.Version) + " version", apply: version(r.Version)}
	case r.Date != nil:
		return &text{words: "cut to the " + string(r.Date.To), apply: date(*r.Date)}
	case r.Pseudonym != nil:
		return &text{words: r.Pseudonym.words(), claim: r.Pseudonym.claim(), apply: pseudonym(*r.Pseudonym)}
	case r.RandomizedResponse != nil:
		answer := r.RandomizedResponse.step()
		return &text{words: answer.words(), claim: answer.claim(), apply: answer.applyText}
	default:
		return &text{exact: true, words: "kept exact", apply: func(pcommon.Value, *place) reason { return passes }}
	}
}

// treat cleans one attribute's value. Empty says that nothing was found, and stays empty.
func (t *text) treat(v pcommon.Value, at *place) reason {
	switch {
	case !scalar(v):
		return notScalar // no rule names what is inside
	case v.Type() == pcommon.ValueTypeEmpty:
		return passes
	default:
		return t.apply(v, at)
	}
}

func scalar(v pcommon.Value) bool {
	switch v.Type() {
	case pcommon.ValueTypeMap, pcommon.ValueTypeSlice, pcommon.ValueTypeBytes:
		return false
	default:
		return true
	}
}

func redact(v pcommon.Value, _ *place) reason {
	v.SetStr("redacted")
	return passes
}

func allow(r TextRule) func(pcommon.Value, *place) reason {
	return func(v pcommon.Value, _ *place) reason {
		switch {
		case slices.Contains(r.Allow, v.AsString()):
			return passes
		case r.Other != "":
			v.SetStr(r.Other)
			return passes
		default:
			return notListed
		}
	}
}

func allowWords(r TextRule) string {
	words := "one of " + strings.Join(r.Allow, ", ")
	if r.Other != "" {
		return fmt.Sprintf("%s, else %q", words, r.Other)
	}
	return words + ", else dropped"
}

func version(part VersionPart) func(pcommon.Value, *place) reason {
	return func(v pcommon.Value, _ *place) reason {
		cut, ok := cutVersion(v.AsString(), part)
		if !ok {
			return noVersion
		}
		v.SetStr(cut)
		return passes
	}
}

func date(d Date) func(pcommon.Value, *place) reason {
	return func(v pcommon.Value, _ *place) reason {
		formatted, ok := d.format(v.AsString())
		if !ok {
			return noDate
		}
		v.SetStr(formatted)
		return passes
	}
}

func pseudonym(p Pseudonym) func(pcommon.Value, *place) reason {
	return func(v pcommon.Value, at *place) reason {
		v.SetStr(p.name(at.memory.secret, at.memory.now(), at.name, v.AsString()))
		return passes
	}
}
