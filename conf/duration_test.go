// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/conf"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "12h": 12 * time.Hour, "1h30m": 90 * time.Minute, "0d": 0} {
		var d conf.Duration
		require.NoError(t, d.UnmarshalText([]byte(text)))
		assert.Equal(t, conf.Duration(want), d)
		told, err := d.MarshalText()
		require.NoError(t, err)
		var again conf.Duration
		require.NoError(t, again.UnmarshalText(told))
		assert.Equal(t, d, again)
	}
	for _, text := range []string{"", "d", "1.5d", "-3d", "month", "99999999d"} {
		var d conf.Duration
		require.ErrorContains(t, d.UnmarshalText([]byte(text)), "30d", text)
	}
}
