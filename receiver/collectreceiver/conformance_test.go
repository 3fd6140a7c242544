// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"testing"
	"time"

	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/headcount-otel/headcount/collect/conformance"
)

func TestConformance(t *testing.T) {
	r := newRig(t, consumertest.NewNop(), func(c *Config) {
		c.ServerConfig.ReadHeaderTimeout, c.ServerConfig.ReadTimeout = 2*time.Second, 2*time.Second
	})
	conformance.Suite{Endpoint: r.url + "/stat", Accepted: []byte(usage(`"users":35,"version":"5.3"`)), Patience: time.Minute}.Run(t)
}
