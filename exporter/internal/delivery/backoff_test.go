// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/config/configretry"
)

func TestBackoff(t *testing.T) {
	cfg := configretry.NewDefaultBackOffConfig()
	cfg.InitialInterval, cfg.Multiplier, cfg.MaxInterval, cfg.RandomizationFactor = time.Second, 2, time.Minute, 0.5
	backoff := Backoff(cfg)
	for failures, middle := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 10_000: time.Minute} {
		seen := map[time.Duration]bool{}
		for range 100 {
			wait := backoff(failures)
			assert.GreaterOrEqual(t, wait, middle/2)
			assert.LessOrEqual(t, wait, middle*3/2)
			seen[wait] = true
		}
		assert.Greater(t, len(seen), 50, "a fleet is spread")
	}
	cfg.Enabled = false
	assert.Nil(t, Backoff(cfg))
}
