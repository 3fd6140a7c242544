// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// TextStep is a Text, ready to run.
type TextStep struct {
	Drops bool
	Exact bool
	// Whole says that a value of the form which the rule wants leaves as it came.
	Whole bool
	// Description says what the rule does, for the person who runs the application.
	Description string
	// Guarantee says what that promises and what it does not; empty where the description says it all.
	Guarantee string
	// apply changes a scalar value in place.
	apply func(v pcommon.Value, k *Key) Outcome
}

// Step makes the entry ready to run.
func (r Text) Step() *TextStep {
	switch {
	case r.Drop:
		return &TextStep{Drops: true, Description: "dropped"}
	case r.Redact:
		return &TextStep{Description: `replaced by "redacted"`, apply: redact}
	case r.Allow != nil:
		return &TextStep{Description: describeAllow(r), apply: allow(r)}
	case r.Version != "":
		return versionStep(r.Version)
	case r.Date != nil:
		return &TextStep{Description: "cut to the " + string(r.Date.To), apply: date(*r.Date)}
	case r.Pseudonym != nil:
		return &TextStep{Description: r.Pseudonym.describe(), Guarantee: r.Pseudonym.guarantee(), apply: pseudonym(*r.Pseudonym)}
	case r.RandomizedResponse != nil:
		answer := r.RandomizedResponse.step(ofAttribute)
		return &TextStep{Whole: !answer.hides(), Description: answer.describe(), Guarantee: answer.guarantee().String(), apply: answer.applyText}
	default:
		return &TextStep{Exact: true, Description: "kept exact", apply: keep(r.Open)}
	}
}

// Apply cleans one attribute's value. Empty says that nothing was found, and stays empty.
func (t *TextStep) Apply(v pcommon.Value, k *Key) Outcome {
	switch {
	case !Scalar(v):
		return NotScalar // no rule names what is inside
	case v.Type() == pcommon.ValueTypeEmpty:
		return Passes
	default:
		return t.apply(v, k)
	}
}

// Scalar reports whether a value is one, and not several.
func Scalar(v pcommon.Value) bool {
	switch v.Type() {
	case pcommon.ValueTypeMap, pcommon.ValueTypeSlice, pcommon.ValueTypeBytes:
		return false
	default:
		return true
	}
}

// keep leaves numbers and booleans, and texts where they may be any. Of a text that is
// none, because its bytes are no UTF-8, nothing could be written: it becomes empty.
func keep(open bool) func(pcommon.Value, *Key) Outcome {
	return func(v pcommon.Value, _ *Key) Outcome {
		switch {
		case v.Type() != pcommon.ValueTypeStr:
			return Passes
		case !open:
			return OpenText
		case !utf8.ValidString(v.Str()):
			pcommon.NewValueEmpty().CopyTo(v)
		}
		return Passes
	}
}

func redact(v pcommon.Value, _ *Key) Outcome {
	v.SetStr("redacted")
	return Passes
}

func allow(r Text) func(pcommon.Value, *Key) Outcome {
	return func(v pcommon.Value, _ *Key) Outcome {
		switch {
		case slices.Contains(r.Allow, v.AsString()):
			return Passes
		case r.Other != "":
			v.SetStr(r.Other)
			return Passes
		default:
			return NotListed
		}
	}
}

func describeAllow(r Text) string {
	text := "one of " + strings.Join(r.Allow, ", ")
	if r.Other != "" {
		return fmt.Sprintf("%s, else %q", text, r.Other)
	}
	return text + ", else dropped"
}

func version(part VersionPart) func(pcommon.Value, *Key) Outcome {
	return func(v pcommon.Value, _ *Key) Outcome {
		cut, ok := cutVersion(v.AsString(), part)
		if !ok {
			return NoVersion
		}
		v.SetStr(cut)
		return Passes
	}
}

func date(d Date) func(pcommon.Value, *Key) Outcome {
	return func(v pcommon.Value, _ *Key) Outcome {
		formatted, ok := d.format(v.AsString())
		if !ok {
			return NoDate
		}
		v.SetStr(formatted)
		return Passes
	}
}

func pseudonym(p Pseudonym) func(pcommon.Value, *Key) Outcome {
	return func(v pcommon.Value, k *Key) Outcome {
		v.SetStr(k.Memory.Rename(p, k, v.AsString()))
		return Passes
	}
}
