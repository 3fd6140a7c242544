// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package apps holds the app profiles, Collector configuration that is embedded
// in the binary, and the config provider that serves them: `--config app:NAME`.
package apps // import "github.com/headcount-otel/headcount/apps"

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

const scheme = "app"

//go:embed *.yaml
var profiles embed.FS

// NewFactory makes the factory of the provider for the scheme "app".
func NewFactory() confmap.ProviderFactory {
	return confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return &provider{} })
}

// provider serves a profile by its name. An overlay that exists for several
// profiles, such as strict, is served for the one that was asked for before:
// after app:sql-explorer, app:strict is app:sql-explorer-strict.
type provider struct {
	served []string
}

// Scheme implements confmap.Provider.
func (*provider) Scheme() string { return scheme }

// Shutdown implements confmap.Provider.
func (*provider) Shutdown(context.Context) error { return nil }

// Retrieve implements confmap.Provider. An unknown name is answered with the list of names.
func (p *provider) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	name, ok := strings.CutPrefix(uri, scheme+":")
	if !ok {
		return nil, fmt.Errorf("%q is no %s: URI", uri, scheme)
	}
	if profile, err := read(name); err == nil {
		p.served = append(p.served, name)
		return confmap.NewRetrievedFromYAML(profile)
	}
	for _, before := range slices.Backward(p.served) {
		if overlay, err := read(before + "-" + name); err == nil {
			return confmap.NewRetrievedFromYAML(overlay)
		}
	}
	return nil, fmt.Errorf("there is no profile %q: write one of %s, or file:PATH for one of your own", name, strings.Join(Names(), ", "))
}

func read(name string) ([]byte, error) {
	return profiles.ReadFile(name + ".yaml")
}

// Names lists the profiles, in order, each as it follows "app:".
func Names() []string {
	files, _ := fs.Glob(profiles, "*.yaml")
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(file, ".yaml")
	}
	return names
}
