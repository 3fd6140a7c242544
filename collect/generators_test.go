// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect_test

import (
	"math"
	"time"

	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/collect"
)

// anyText draws texts that need escapes as often as texts that do not.
func anyText(t *rapid.T, label string, least int) string {
	text := rapid.OneOf(
		rapid.StringMatching("[a-z_]{1,12}"),
		rapid.StringOfN(rapid.RuneFrom([]rune("a\"\\\n\u0000\u001f/<&>é日\u2028\U0001f600\ufffd")), 1, 20, collect.MaxText),
		rapid.StringN(1, 40, collect.MaxText),
	).Filter(func(s string) bool { return len([]byte(s)) == len([]byte(string([]rune(s)))) }).Draw(t, label)
	if least == 0 && rapid.IntRange(0, 9).Draw(t, label+" empty") == 0 {
		return ""
	}
	return text
}

func anyScalar(t *rapid.T, label string) collect.Value {
	switch rapid.IntRange(0, 4).Draw(t, label+" kind") {
	case 0:
		return collect.Null()
	case 1:
		return collect.Bool(rapid.Bool().Draw(t, label))
	case 2:
		return collect.Int(rapid.Int64().Draw(t, label))
	case 3:
		return collect.Double(rapid.OneOf(
			rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }),
			rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 45, 7.875, 1e21, 1e20, 1e-7, -1e300, math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53}),
		).Draw(t, label))
	default:
		return collect.Text(anyText(t, label, 0))
	}
}

func anyObject(t *rapid.T, label string, least int, value func(*rapid.T, string) collect.Value) collect.Object {
	keys := map[string]bool{}
	members := []collect.Member{}
	for range rapid.IntRange(0, 8).Draw(t, label+" size") {
		key := anyText(t, label+" key", least)
		if !keys[key] {
			keys[key] = true
			members = append(members, collect.Member{Key: key, Value: value(t, label+" value")})
		}
	}
	return collect.NewObject(members...)
}

func anyValue(t *rapid.T, label string) collect.Value {
	if rapid.IntRange(0, 4).Draw(t, label+" group") == 0 {
		return collect.Group(anyObject(t, label, 0, anyScalar))
	}
	return anyScalar(t, label)
}

func anyTime(t *rapid.T) time.Time {
	return time.UnixMicro(rapid.Int64Range(0, 1<<33*1_000_000-1).Draw(t, "time")).UTC()
}

func anyStat(t *rapid.T) collect.Stat {
	return collect.Stat{
		InstanceID: anyText(t, "instance id", 1),
		Time:       anyTime(t),
		Name:       anyText(t, "name", 1),
		Value:      anyObject(t, "value", 1, anyValue),
	}
}
