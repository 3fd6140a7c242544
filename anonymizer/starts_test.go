// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func sdkResource(service, id string) pcommon.Map {
	attributes := pcommon.NewMap()
	attributes.PutStr("service.name", service)
	attributes.PutStr("telemetry.sdk.name", "opentelemetry")
	attributes.PutStr(instanceID, id)
	return attributes
}

func TestStarts(t *testing.T) {
	for name, c := range map[string]struct {
		ids     string
		suspect int
	}{
		"one process":                {"aaaaaaaaaa", 0},
		"four starts":                {"aaabbbcd", 1},
		"once":                       {"abcdefgh", 1},
		"two workers":                {"ababcdefg", 0},
		"an old id before the third": {"abcadefg", 0},
		"three starts":               {"aabbcc", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStarts()
			suspects := 0
			for _, id := range c.ids {
				s.came(sdkResource("quiet", "always the same"))
				if s.came(sdkResource("shop", string(id))) {
					suspects++
				}
			}
			assert.Equal(t, c.suspect, suspects)
		})
	}
}

func TestStartsOfGatewaysAndTooManyServices(t *testing.T) {
	s := newStarts()
	for i := range 20 {
		byGateway := sdkResource("shop", fmt.Sprint(i))
		byGateway.Remove("telemetry.sdk.name")
		assert.False(t, s.came(byGateway))
	}
	for i := range 3 * maxServices {
		s.came(sdkResource(fmt.Sprint(i), "a"))
	}
	assert.Len(t, s.services, maxServices)
}
