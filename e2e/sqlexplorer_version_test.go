// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// An overlay that was left in place over an update would count a column that nobody writes to any more.
func TestAnOverlayOfAnOlderVersionSendsNothing(t *testing.T) {
	t.Parallel()
	for overlay, newer := range map[string]string{"app:5.1": "5.3", "app:5.0": "5.1 or later", "app:4.2": "5.0 or later"} {
		t.Run(overlay, func(t *testing.T) {
			t.Parallel()
			makers := newEndpoint(t)
			s := newSite(makers, t)
			d, code := s.oneShot(t, overlay, "--config", "app:once")
			assert.Equal(t, 1, code)
			assert.Contains(t, d.stderr.String(), "the database is that of sql-explorer "+newer+": take "+overlay+" away")
			assert.Empty(t, makers.received())
		})
	}
}
