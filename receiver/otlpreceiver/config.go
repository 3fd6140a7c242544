// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package otlpreceiver

import (
	"go.opentelemetry.io/collector/component"
	core "go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// Config of the otlp receiver.
type Config struct {
	core.Config `mapstructure:",squash"`

	// Consent is the headcount extension that is asked: while it says off, nothing
	// listens. Without the key every one is, in the distribution only where all that
	// comes in is for usage statistics; none asks nobody.
	Consent *component.ID `mapstructure:"consent"`
}

var _ component.Config = (*Config)(nil)
