// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/internal/statedir"
)

func TestAFolderThatCannotBeMadeSaysTheVariable(t *testing.T) {
	t.Setenv(statedir.Variable, "/srv/state")
	refused := errors.New("mkdir /srv/state: permission denied")
	assert.EqualError(t, namingFolder(refused), "mkdir /srv/state: permission denied: set HEADCOUNT_STATE_DIR to a folder that this program's user may make and write to")
	assert.ErrorIs(t, namingFolder(refused), refused)
	for _, other := range []string{"open /srv/app/app.sqlite3: permission denied", "mkdir /srv/state: no space left on device"} {
		assert.EqualError(t, namingFolder(errors.New(other)), other)
	}
}
