// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package apps holds the app profiles, Collector configuration that is embedded
// in the binary, and the config provider that serves them: `--config app:NAME`.
package apps // import "github.com/headcount-otel/headcount/apps"

import (
	"context"
	"embed"
	"fmt"
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

// provider serves a profile by its name.
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
	text, err := Read(name, p.served)
	if err != nil {
		return nil, err
	}
	p.served = append(p.served, name)
	return confmap.NewRetrievedFromYAML(text)
}

// Read returns the text of a profile or an overlay. An overlay that exists for several profiles, such as
// strict, is that of the last of those before it which has one.
func Read(name string, before []string) ([]byte, error) {
	if text, err := read(name); err == nil {
		return text, nil
	}
	for _, profile := range slices.Backward(before) {
		if text, err := read(profile + "-" + name); err == nil {
			return text, nil
		}
	}
	return nil, unknown(name)
}

// Has reports whether there is a profile of this name, not an overlay.
func Has(name string) bool {
	return slices.ContainsFunc(Profiles(), func(p Profile) bool { return p.Name == name && p.Over == nil })
}

func read(name string) ([]byte, error) { return profiles.ReadFile(name + ".yaml") }

// unknown names what there is in the words of the documents.
func unknown(name string) error {
	var whole, overlays, over []string
	for _, p := range Profiles() {
		switch {
		case p.Over == nil:
			whole = append(whole, p.Name)
		case p.Name == name:
			over = p.Over
			fallthrough
		default:
			overlays = append(overlays, p.Name)
		}
	}
	if over != nil {
		return fmt.Errorf("the overlay %s:%s is laid over %s, and none of them stands before it: write --config %s:%s before it",
			scheme, name, strings.Join(over, " or "), scheme, over[0])
	}
	return fmt.Errorf("there is no profile %q: write one of %s; over it one of %s; or file:PATH for one of your own",
		name, strings.Join(whole, ", "), strings.Join(overlays, ", "))
}
