// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/trust"
)

// load reads the profiles among the options as the Collector reads several files:
// merged in their order, with ${env:NAME} and ${env:NAME:-otherwise} expanded.
func (c *config) load(ctx context.Context, options []Option) error {
	var profiles profileProvider
	var uris []string
	for _, o := range options {
		if p, ok := o.(profile); ok {
			uris = append(uris, fmt.Sprint(profileScheme, ":", len(profiles)))
			profiles = append(profiles, p)
		}
	}
	if len(profiles) == 0 {
		return nil
	}
	conf, err := profiles.resolve(ctx, uris...)
	if err != nil {
		return err
	}
	if err := c.decode(conf); err != nil {
		return err
	}
	if c.collect.Consent != nil && *c.collect.Consent == trust.Nobody {
		return nil
	}
	for _, uri := range uris[:len(uris)-1] { // a later one takes no variable's say away
		if alone, err := profiles.resolve(ctx, uri); err == nil {
			c.hear(alone)
		}
	}
	return nil
}

// resolve merges the profiles with these URIs.
func (p profileProvider) resolve(ctx context.Context, uris ...string) (*confmap.Conf, error) {
	resolver, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs:          uris,
		DefaultScheme: "env",
		ProviderFactories: []confmap.ProviderFactory{
			confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return p }),
			envprovider.NewFactory(), yamlprovider.NewFactory(),
		},
		ProviderSettings: confmap.ProviderSettings{Logger: zap.NewNop()},
	})
	if err != nil {
		return nil, err
	}
	conf, err := resolver.Resolve(ctx)
	if err != nil {
		return nil, fmt.Errorf("WithProfile: %w", err)
	}
	return conf, resolver.Shutdown(ctx)
}

// hear adds the variables that those headcount extensions name which one profile asks.
func (c *config) hear(profile *confmap.Conf) {
	extensions, _ := profile.Get("extensions").(map[string]any)
	asked, names := profile.Get("exporters::collect::consent").(string)
	for id := range extensions {
		if names && asked != id {
			continue
		}
		said := operatorSection{Mode: trust.On.String()}
		if decode(profile, "extensions::"+id, &said) == nil {
			c.operators = append(c.operators, operatorSection{Mode: trust.On.String(), Environment: said.Environment})
		}
	}
}

func (c *config) decode(conf *confmap.Conf) error {
	if err := decode(conf, "processors::anonymizer", c.anonymizer); err != nil {
		return err
	}
	if err := refuseForeign(conf); err != nil {
		return err
	}
	if err := decode(conf, "exporters::collect", &c.collect); err != nil {
		return err
	}
	c.emptied = conf.IsSet("exporters::collect::stats") && len(c.collect.Stats) == 0
	return c.decodeConsent(conf)
}

// decodeConsent reads whom the exporter asks, as it would in the Collector: the
// extension that its `consent:` key names, without one every headcount extension of
// the profile, nobody where it says none.
func (c *config) decodeConsent(conf *confmap.Conf) error {
	asked := c.collect.Consent
	if asked != nil && *asked == trust.Nobody {
		return nil
	}
	extensions, _ := conf.Get("extensions").(map[string]any)
	var operators []operatorSection
	for _, id := range slices.Sorted(maps.Keys(extensions)) {
		kind, _, _ := strings.Cut(id, "/")
		if named := asked != nil && asked.String() == id; !named && (asked != nil || kind != "headcount") {
			continue
		}
		operator := operatorSection{Mode: trust.Local.String()}
		if err := decode(conf, "extensions::"+id, &operator); err != nil {
			return err
		}
		operators = append(operators, operator)
	}
	if len(operators) > 0 {
		c.operators = operators
	}
	return nil
}

func decode(conf *confmap.Conf, section string, into any) error {
	sub, err := conf.Sub(section)
	if err == nil {
		err = sub.Unmarshal(into)
	}
	if err != nil {
		return fmt.Errorf("WithProfile: %s: %w", section, err)
	}
	return nil
}

// foreign are keys of the Collector's exporter that this one cannot heed, and must not pass over.
var foreign = map[string]string{
	"tls":     "use WithTLSClientConfig",
	"auth":    "use WithHeaders, or WithHTTPClient with a transport that authenticates",
	"dry_run": "use WithConsent, or HEADCOUNT_MODE=local",
	"cookies": "by a cookie the endpoint could recognize this installation: remove the entry",
}

func refuseForeign(conf *confmap.Conf) error {
	for _, key := range slices.Sorted(maps.Keys(foreign)) {
		if path := "exporters::collect::" + key; conf.IsSet(path) {
			return fmt.Errorf("WithProfile: %s: not read in a Go program: %s", path, foreign[key])
		}
	}
	return nil
}

const profileScheme = "profile"

// profileProvider serves the profiles by their number. Only the sections that are
// read here: the others may hold what only a Collector can expand.
type profileProvider []profile

// Scheme implements confmap.Provider.
func (profileProvider) Scheme() string { return profileScheme }

// Shutdown implements confmap.Provider.
func (profileProvider) Shutdown(context.Context) error { return nil }

// Retrieve implements confmap.Provider.
func (p profileProvider) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	number, err := strconv.Atoi(strings.TrimPrefix(uri, profileScheme+":"))
	if err != nil || number >= len(p) {
		return nil, fmt.Errorf("%q is no profile", uri)
	}
	all, err := confmap.NewRetrievedFromYAML(p[number])
	if err != nil {
		return nil, err
	}
	conf, err := all.AsConf()
	if err != nil {
		return nil, fmt.Errorf("profile %d is not YAML with sections: %w", number+1, err)
	}
	sections := map[string]any{}
	for name, wanted := range map[string]func(id string) bool{
		"processors": func(id string) bool { return id == "anonymizer" },
		"exporters":  func(id string) bool { return id == "collect" },
		"extensions": func(id string) bool { return id == "headcount" || strings.HasPrefix(id, "headcount/") },
	} {
		components, _ := conf.Get(name).(map[string]any)
		kept := map[string]any{}
		for id, section := range components {
			if wanted(id) {
				kept[id] = section
			}
		}
		sections[name] = kept
	}
	return confmap.NewRetrieved(sections)
}
