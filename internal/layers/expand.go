// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"context"
	"slices"

	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/changes"
)

// Expand reads what the extensions of a layer take from elsewhere, as
// `${env:NAME:-opt_out}` and `${file:consent.yaml}`. A layer of which that cannot be
// read by itself stays as it is written: merged, that part of it may be gone.
func Expand(ctx context.Context, all []Layer, settings confmap.ResolverSettings) {
	for i := range all {
		if all[i].extensions == nil {
			continue
		}
		if expanded, err := expand(ctx, settings, map[string]any{"extensions": all[i].extensions}); err == nil {
			all[i].extensions = expanded.Get("extensions")
		}
	}
}

func expand(ctx context.Context, settings confmap.ResolverSettings, section map[string]any) (*confmap.Conf, error) {
	settings.ProviderFactories = append(slices.Clone(settings.ProviderFactories), sectionProvider(section).factory())
	settings.ProviderSettings.Logger = zap.NewNop() // the Collector says of a missing variable what there is to say
	return changes.Merged(ctx, settings, []string{sectionScheme + ":"})
}

const sectionScheme = "section"

// sectionProvider serves one section of a layer.
type sectionProvider map[string]any

func (p sectionProvider) factory() confmap.ProviderFactory {
	return confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return p })
}

// Scheme implements confmap.Provider.
func (sectionProvider) Scheme() string { return sectionScheme }

// Shutdown implements confmap.Provider.
func (sectionProvider) Shutdown(context.Context) error { return nil }

// Retrieve implements confmap.Provider.
func (p sectionProvider) Retrieve(context.Context, string, confmap.WatcherFunc) (*confmap.Retrieved, error) {
	return confmap.NewRetrieved(map[string]any(p))
}
