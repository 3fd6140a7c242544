// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"math"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/config/configretry"
)

// DefaultRetry never gives up, and tries at least about once an hour, as suits weekly reports.
func DefaultRetry() configretry.BackOffConfig {
	retry := configretry.NewDefaultBackOffConfig()
	retry.MaxElapsedTime = 0
	retry.MaxInterval = time.Hour
	return retry
}

// Backoff gives the wait after so many failures in a row, as the Collector's own
// retry waits: the initial interval, grown by the multiplier with each failure up to
// the greatest interval, and spread by the randomization. It is nil where the
// configuration tries nothing again.
func Backoff(cfg configretry.BackOffConfig) func(failures int) time.Duration {
	if !cfg.Enabled {
		return nil
	}
	return func(failures int) time.Duration {
		grown := float64(cfg.InitialInterval) * math.Pow(cfg.Multiplier, float64(failures-1))
		if greatest := float64(cfg.MaxInterval); grown > greatest {
			grown = greatest
		}
		spread := 1 + cfg.RandomizationFactor*(2*rand.Float64()-1) //nolint:gosec // it spreads a fleet, and hides nothing
		return time.Duration(grown * spread)
	}
}
