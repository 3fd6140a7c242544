// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/cmd/headcount/command"
)

// What the command knows of this program is what ocb put into it.
func TestComponents(t *testing.T) {
	t.Parallel()
	factories, err := components()
	require.NoError(t, err)
	assert.Equal(t, command.Programs[1].Has, command.Types(factories))
}
