// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/layers"
)

const misspelt = `processors:
  anonymizer:
    metrics:
      shop.orders:
        rond: {to: 10}
exporters:
  collect:
    endpiont: https://collect.example.com
    timeout: ${env:SHOP_TIMEOUT:-5s}
exportres: {}
`

func TestLocate(t *testing.T) {
	all, err := layers.Read([]string{"app:base", write(t, misspelt)})
	require.NoError(t, err)
	for name, c := range map[string]struct{ message, at string }{
		"a value of a variable": {
			"exporters::collect: timeout: -1s would wait for ever: write a positive time, such as 5s",
			"site.yaml:9: exporters::collect::timeout, whose value may come from the environment variable SHOP_TIMEOUT",
		},
		"a value of the profile below": {
			"extensions::headcount: endpoint: \"localhost\" is no IP address",
			`app:base:\d+: extensions::headcount::endpoint, whose value may come from the environment variable HEADCOUNT_PAGE`,
		},
		"what is missing, by what is there": {
			"processors::anonymizer::metrics::shop.orders: no rule says what leaves",
			"site.yaml:4: processors::anonymizer::metrics::shop.orders",
		},
	} {
		found := layers.Locate(all, c.message)
		require.Len(t, found, 1, name)
		assert.Regexp(t, "^"+c.at+"$", found[0], name)
	}
	assert.Empty(t, layers.Locate(all, "the disk is full"))
	assert.Equal(t, []string{"site.yaml:5: processors::anonymizer::metrics::shop.orders::rond", "site.yaml:10: exportres"},
		layers.LocatePaths(all, [][]string{{"processors", "anonymizer", "metrics", "shop.orders", "rond"}, {"exportres"}, {"nothing", "there"}}))
	assert.Equal(t, "site.yaml:9", layers.Place(all, "exporters::collect::timeout"))
	assert.Empty(t, layers.Place(all, "exporters::collect::consent::x"))

	all, err = layers.Read([]string{"app:base", layers.FromSet + "processors::anonymizer::metrics::shop::orders::round::to: 10"})
	require.NoError(t, err)
	found := layers.LocatePaths(all, [][]string{{"processors", "anonymizer", "metrics", "shop", "orders"}})
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "--set:1: processors::anonymizer::metrics::shop::orders::round::to, where each dot begins a new key")
}
