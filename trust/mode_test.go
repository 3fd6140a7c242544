// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

func TestParseMode(t *testing.T) {
	for text, want := range map[string]trust.Mode{
		"off": trust.Off, "local": trust.Local, "on": trust.On, "ON": trust.On, "Local": trust.Local, " OFF\r\n": trust.Off, "on ": trust.On,
	} {
		got, err := trust.ParseMode(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "yes", "of", " ", "\"off\"", "remote"} {
		got, err := trust.ParseMode(text)
		require.ErrorContains(t, err, "write off, local or on", text)
		assert.Equal(t, trust.Off, got, "what is no mode is the most careful one")
	}
}

func TestModesAreOrderedByCare(t *testing.T) {
	assert.Less(t, trust.Off, trust.Local)
	assert.Less(t, trust.Local, trust.On)
	for _, mode := range []trust.Mode{trust.Off, trust.Local, trust.On} {
		back, err := trust.ParseMode(mode.String())
		require.NoError(t, err)
		assert.Equal(t, mode, back)
	}
}
