// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filestorage

import (
	"context"
	"fmt"

	contrib "github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// NewFactory makes the factory of file_storage.
func NewFactory() extension.Factory {
	base := contrib.NewFactory()
	create := func(ctx context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
		ext, err := base.Create(ctx, set, cfg)
		if err != nil {
			return nil, err
		}
		files, ok := ext.(storage.Extension)
		if !ok {
			return nil, fmt.Errorf("%s of contrib stores nothing", base.Type())
		}
		return &guarded{Extension: files, id: set.ID, config: cfg.(*contrib.Config), logger: set.Logger}, nil
	}
	return extension.NewFactory(base.Type(), base.CreateDefaultConfig, create, base.Stability())
}
