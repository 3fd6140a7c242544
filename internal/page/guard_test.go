// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestInAContainerAnyAddressIsOursButNoName(t *testing.T) {
	assert.True(t, ours("198.51.100.7:55690", false))
	assert.True(t, ours("[2001:db8::1]:55690", false))
	assert.True(t, ours("localhost:55690", false))
	assert.False(t, ours("evil.example:55690", false))
	assert.False(t, ours("", false))
}

func FuzzOurs(f *testing.F) {
	for _, seed := range []string{"127.0.0.1:1", "[::1]", "localhost", "a]:[b", "::1", "127.0.0.1:evil.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if ours(host, true) && !strings.Contains(strings.ToLower(host), "localhost") && !strings.Contains(host, "127.") && !strings.Contains(host, ":") {
			t.Errorf("%q", host)
		}
	})
}
