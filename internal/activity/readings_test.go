// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package activity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/trust"
)

// Of several receivers the first to read is the next; one that has missed its time says nothing any more.
func TestTheNextReadingIsTheFirstToCome(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	readings := activity.NewReadings(trust.AlwaysOn{}, func() {})
	assert.Zero(t, readings.Next(now))

	shop, blog := component.MustNewIDWithName("appusage", "shop"), component.MustNewIDWithName("appusage", "blog")
	readings.ReadsNext(shop, now.Add(12*time.Hour))
	readings.ReadsNext(blog, now.Add(time.Hour))
	assert.Equal(t, now.Add(time.Hour), readings.Next(now))
	assert.Equal(t, now.Add(12*time.Hour), readings.Next(now.Add(2*time.Hour)))
	assert.Zero(t, readings.Next(now.Add(24*time.Hour)))
}
