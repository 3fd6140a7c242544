// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/collect"
)

const drawn = "c0ffee00c0ffee00c0ffee00c0ffee00"

func TestTagsTravelInTheKey(t *testing.T) {
	seats, beta := collect.NewTag("metric shop.seats", "one_bit 1000 1/4 1/10"), collect.NewTag("resource shop.beta", "randomized_response 1/2 1/2 3/4")
	key, tags := collect.CutTags(collect.Tagged(drawn, []collect.Tag{seats, beta}))
	assert.Equal(t, drawn, key)
	assert.True(t, seats.Agrees(tags))
	assert.True(t, beta.Agrees(tags))
	assert.True(t, collect.NewTag("metric shop.orders", "").Agrees(tags), "a field that is not random has no tag")
	assert.False(t, collect.NewTag("metric shop.seats", "one_bit 500 1/4 1/10").Agrees(tags), "other parameters")
	assert.False(t, collect.NewTag("metric shop.seats", "").Agrees(tags), "bits are no numbers")
	assert.False(t, collect.NewTag("metric shop.beta", "randomized_response 1/2 1/2 3/4").Agrees(tags), "a field that is not random there")
	assert.True(t, seats.Agrees(""), "who says nothing is believed")
}

func TestKeysWithoutTags(t *testing.T) {
	seats := collect.NewTag("metric shop.seats", "one_bit 1000 1/4 1/10")
	many := make([]collect.Tag, 40)
	for i := range many {
		many[i] = seats
	}
	assert.Equal(t, drawn, collect.Tagged(drawn, nil))
	assert.Equal(t, drawn, collect.Tagged(drawn, many), "a longer key would be refused")
	assert.LessOrEqual(t, len(collect.Tagged(drawn, many[:27])), 255)
	assert.Greater(t, len(collect.Tagged(drawn, many[:27])), len(drawn))
	for _, foreign := range []string{
		"", drawn, "order-17.abcdefgh", "8e03978e-40d5-43dd-bc93-6894a57f9324", drawn + ".", drawn + ".short", drawn + "..",
		strings.ToUpper(drawn) + ".abcdefgh", strings.Repeat("g", 32) + ".abcdefgh",
	} {
		key, tags := collect.CutTags(foreign)
		assert.Equal(t, foreign, key)
		assert.Empty(t, tags, foreign)
	}
}
