// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package makersconverter

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The fleet believes what the rules can let out, and nothing beyond.
func TestReach(t *testing.T) {
	for rules, reach := range map[string]section{
		"{keep: true}":                                   {},
		"{clamp: {max: 100}, keep: true}":                {"max": int64(100)},
		"{clamp: {min: -3, max: 1005}, round: {to: 10}}": {"min": int64(-10), "max": int64(1010)},
		"{clamp: {min: 20, max: 100}, round: {to: 10}}":  {"min": int64(20), "max": int64(100)},
		"{clamp: {max: 100}, noise: {scale: 2}}":         nil,
		"{bucket: {bounds: [1, 11, 101]}}":               {"min": 1, "max": 101},
		"{bucket: {emit: label}}":                        nil,
		"{bucket: {}}":                                   {"min": int64(0), "max": int64(2001)},
		"{clamp: {max: 5}, bucket: {bounds: [0, 6]}}":    {"min": 0, "max": 6},
	} {
		assert.Equal(t, reach, reachOf(merged(t, rules).ToStringMap()), rules)
	}
}
