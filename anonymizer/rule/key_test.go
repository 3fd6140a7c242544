// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"hash/fnv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// checkKeys: no two keys share a draw.
func checkKeys(draw func(*Key) int64) error {
	pair := func(pairs ...string) pcommon.Map {
		m := pcommon.NewMap()
		for i := 0; i < len(pairs); i += 2 {
			m.PutStr(pairs[i], pairs[i+1])
		}
		return m
	}
	number := pcommon.NewMap()
	number.PutInt("a", 1)
	seen := map[int64]int{}
	for i, at := range []Key{
		{Instance: "a", Name: "b", Attributes: pair()},
		{Instance: "ab", Attributes: pair()},
		{Name: "ab", Attributes: pair()},
		{Instance: "a,b", Attributes: pair()},
		{Name: "m", Attributes: pair("a", "1")},
		{Name: "m", Attributes: number},
		{Name: "m", Attributes: pair("a1", "")},
		{Name: "m", Attributes: pair("a", "1,b=2")},
		{Name: "m", Attributes: pair("a", "1", "b", "2")},
		{Name: "m", Attributes: pair("a", "1"), Part: "1"},
	} {
		at.Memory = &installation{}
		drawn := draw(&at)
		if before, met := seen[drawn]; met {
			return fmt.Errorf("keys %d and %d share a draw", before, i)
		}
		seen[drawn] = i
	}
	return nil
}

// What is remembered is found by a text of its own for each key, too, and asking for it needs no memory.
func TestEachKeyIsRememberedByItself(t *testing.T) {
	require.NoError(t, checkKeys(func(at *Key) int64 {
		hash := fnv.New64a()
		_, _ = hash.Write(Question{"rule", at, nil}.AppendKey(nil))
		return int64(hash.Sum64())
	}))
	if raceDetector {
		return // the detector needs some
	}
	at := NewKey(nil)
	at.Instance, at.Name = "a", "m"
	at.Attributes.PutStr("plan", "free")
	room := make([]byte, 0, 256)
	question := Question{"round", &at, []string{"100"}}
	assert.Zero(t, testing.AllocsPerRun(100, func() { question.AppendKey(room) }))
}

// One draw for a number, and for what a clamp or a merge leaves of it, would tell how the two differ.
func TestWhatIsDrawnForTellsDrawsApart(t *testing.T) {
	for _, rule := range []string{"noise: {scale: 2}", "round: {to: 10, mode: sticky}", "one_bit: {max: 10}"} {
		met := map[string]string{}
		for _, before := range []string{"", "clamp: {max: 5}, ", "clamp: {max: 6}, ", "clamp: {min: 5}, ", "merge: max, ", "merge: last, ", "clamp: {max: 5}, merge: max, "} {
			parameters := parsed(t, "{"+before+rule+"}").Parameters()
			assert.Empty(t, met[parameters], "%s%s", before, rule)
			met[parameters] = before + rule
		}
		assert.Equal(t, parsed(t, "{"+rule+"}").Parameters(), parsed(t, "{merge: sum, "+rule+"}").Parameters(), "what adds up anyway")
	}
	r := RandomizedResponse{}
	assert.NotEqual(t, r.step(Number{}.drawnFor()).parameters, r.step(ofAttribute).parameters, "a metric and an attribute of one name")
}

func TestEachKeyHasItsOwnDraw(t *testing.T) {
	require.NoError(t, checkKeys(func(at *Key) int64 {
		return at.sticky("rule", uniform(1<<60))
	}))
	assert.Error(t, checkKeys(func(at *Key) int64 {
		joined := at.Instance + "," + at.Name
		for name, v := range at.Attributes.All() {
			joined += "," + name + "=" + v.AsString()
		}
		return mechanism.StickyOffset(mechanism.Secret{}.Draw(joined), 1<<60)
	}), "parts joined by a separator")
	assert.Error(t, checkKeys(func(at *Key) int64 {
		return mechanism.StickyOffset(mechanism.Secret{}.Draw(at.Instance, at.Name), 1<<60)
	}), "attributes left out")
}
