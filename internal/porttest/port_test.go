// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package porttest

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPortIsOneTestsUntilItEnds(t *testing.T) {
	var port int
	t.Run("a test", func(t *testing.T) {
		port = Port(t)
		assert.False(t, reserve(t, port), "though nobody listens there")
		for range 2 { // and once more
			listener, err := net.Listen("tcp", address(port))
			require.NoError(t, err)
			require.NoError(t, listener.Close())
		}
	})
	assert.True(t, reserve(t, port))
}

func TestAPortThatSomebodyListensOnIsNotGiven(t *testing.T) {
	port := Port(t)
	listener, err := net.Listen("tcp", address(port))
	require.NoError(t, err)
	defer listener.Close()
	t.Run("another", func(t *testing.T) { assert.False(t, reserve(t, port)) })
}
