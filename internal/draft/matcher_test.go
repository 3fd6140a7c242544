// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Compiled when first asked, a slip in one would only be seen then.
func TestEachPatternCompiles(t *testing.T) {
	all := []matcher{users, ofPersons, ofKinds, passwords, signs, logins}
	for _, f := range frameworks {
		all = append(all, f.mark)
	}
	for _, r := range leftOut {
		all = append(all, r.names)
	}
	for _, m := range all {
		assert.NotPanics(t, func() { m.MatchString("") })
	}
}
