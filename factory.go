// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"os"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"

	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/metadata"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/trust"
)

// NewFactory makes the factory of the headcount extension.
func NewFactory() extension.Factory {
	return extension.NewFactory(metadata.Type, createDefaultConfig, create, metadata.ExtensionStability)
}

func createDefaultConfig() component.Config {
	return &Config{Mode: trust.Local.String(), Until: oneshot.Stopped, Deadline: time.Minute}
}

// chosen outlives a reload of the configuration.
var chosen consent.Memory

func create(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
	return newHeadcount(cfg.(*Config), set, &chosen, os.Getenv, os.Stdout), nil
}
