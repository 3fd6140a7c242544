// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/conf"
)

func TestWords(t *testing.T) {
	type merge string
	words := conf.WordsOf(merge("sum"), merge("max"), merge("last"))
	require.NoError(t, words.Check("max"))
	require.NoError(t, words.Check(""))
	require.EqualError(t, words.Check("Max"), `"Max" is unknown: write sum, max or last`)
	assert.Equal(t, "a", conf.Words{"a"}.String())
	assert.Empty(t, conf.Words{}.String())
}
