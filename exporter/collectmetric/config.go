// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/internal/plainhttp"
	"github.com/headcount-otel/headcount/trust"
)

// config is what the profiles and the options say together.
type config struct {
	anonymizer *anonymizer.Config
	collect    collectSection
	emptied    bool              // the profiles take each stat away
	operators  []operatorSection // all of them are asked

	stateDir string
	consent  func() trust.Mode
	client   *http.Client
	tls      *tls.Config
}

// collectSection is `exporters: collect:` of a profile, as the Collector's exporter has it.
type collectSection struct {
	Endpoint string               `mapstructure:"endpoint"`
	Timeout  time.Duration        `mapstructure:"timeout"`
	ProxyURL string               `mapstructure:"proxy_url"`
	Headers  configopaque.MapList `mapstructure:"headers"`

	// Options are those of the Collector's exporter, too.
	delivery.Options `mapstructure:",squash"`

	// Without meaning here: nothing is queued, the state lies in WithStateDir, all
	// data goes through the anonymizer, and connections do not stay.
	SendingQueue      any           `mapstructure:"sending_queue"`
	Storage           *component.ID `mapstructure:"storage"`
	RequireAnonymizer bool          `mapstructure:"require_anonymizer"`
	Keepalive         any           `mapstructure:"keepalive"`
}

// operatorSection is what the headcount extension of a profile says about consent;
// the rest of it is without meaning here.
type operatorSection struct {
	Mode        string                 `mapstructure:"mode"`
	Environment conf.Map[trust.Signal] `mapstructure:"environment"`
	Rest        map[string]any         `mapstructure:",remain"`
}

func defaultConfig() *config {
	return &config{
		anonymizer: anonymizer.NewFactory().CreateDefaultConfig().(*anonymizer.Config),
		collect:    collectSection{Timeout: endpoint.DefaultTimeout, Options: delivery.DefaultOptions()},
		operators:  []operatorSection{{Mode: trust.On.String()}},
	}
}

func newConfig(ctx context.Context, options []Option) (*config, error) {
	c := defaultConfig()
	if err := c.load(ctx, options); err != nil {
		return nil, err
	}
	for _, o := range options {
		o.apply(c)
	}
	c.anonymizer.Ledger, c.anonymizer.Consent = nil, nil // asked is asked before
	c.anonymizer.Storage = &storageID                    // the state directory
	return c, c.validate()
}

func (c *config) validate() error {
	errs := []error{
		at("exporters::collect", c.collect.Check(c.collect.Endpoint)),
		at("exporters::collect", endpoint.CheckClient(c.collect.Timeout, c.collect.Headers)),
		at("exporters::collect", confmap.Validate(&c.collect.Options)), // the section would put Go's name of it into paths
		at("processors::anonymizer", confmap.Validate(c.anonymizer)),
	}
	if c.emptied && len(c.collect.Stats) == 0 { // WithStat adds none
		errs = append(errs, at("exporters::collect", delivery.ErrNoStats))
	}
	if _, err := url.Parse(c.collect.ProxyURL); err != nil {
		errs = append(errs, errors.New("exporters::collect::proxy_url: not a URL: write one such as http://proxy.example.com:3128")) // it may hold a password
	}
	for i := range c.operators {
		errs = append(errs, at("extensions::headcount", confmap.Validate(&c.operators[i])))
		if _, err := trust.ParseMode(c.operators[i].Mode); err != nil {
			errs = append(errs, fmt.Errorf("extensions::headcount::mode: %w", err))
		}
	}
	if c.stateDir == "" {
		errs = append(errs, errors.New("WithStateDir: missing: name a directory of this program's own, where it remembers what was accepted"))
	}
	if c.tls != nil && c.client != nil {
		errs = append(errs, errors.New("WithTLSClientConfig: WithHTTPClient brings its own: leave one of them out"))
	}
	if !c.collect.Oblivious.HasValue() {
		errs = append(errs, plainhttp.CheckTLS("WithTLSClientConfig", c.collect.Endpoint, c.tls))
	}
	return errors.Join(append(errs, c.unreachable()...)...)
}

// unreachable finds what a stat needs and no rule lets through, and what this program cannot know. A Collector warns
// of it; here the profile is the program's own.
func (c *config) unreachable() (errs []error) {
	const needs = "exporters::collect::stats::%s::value::%s: %s %q has no rule that lets it through: write one under processors::anonymizer::%s, or by With%sRule"
	if !c.anonymizer.PassesResource(mapping.InstanceID) {
		errs = append(errs, fmt.Errorf("processors::anonymizer::resource::%s: missing: every stat carries it: write {pseudonym: {every: quarter}} or {keep: true}, or the same by WithResourceRule", mapping.InstanceID))
	}
	for _, stat := range c.collect.Stats.Names() {
		value := c.collect.Stats[stat].Value
		for _, key := range value.Names() {
			from := value[key]
			if from.Increase {
				errs = append(errs, fmt.Errorf("exporters::collect::stats::%s::value::%s::increase: this program's counters begin anew with each process, so what was counted in an interval is not known: leave it out, or send over OTLP to headcount --config app:otlp, which keeps counting", stat, key))
			}
			if from.Metric != "" && !c.anonymizer.PassesMetric(from.Metric) {
				errs = append(errs, fmt.Errorf(needs, stat, key, "metric", from.Metric, "metrics", ""))
			}
			if from.By != "" && !c.anonymizer.PassesAttribute(from.By) {
				errs = append(errs, fmt.Errorf(needs, stat, key, "attribute", from.By, "attributes", "Attribute"))
			}
			if from.Resource != "" && !c.anonymizer.PassesResource(from.Resource) {
				errs = append(errs, fmt.Errorf(needs, stat, key, "resource attribute", from.Resource, "resource", "Resource"))
			}
		}
	}
	return errs
}

// at puts a section's path before each of an error's parts.
func at(section string, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // the joined error itself
		var errs []error
		for _, part := range joined.Unwrap() {
			errs = append(errs, at(section, part))
		}
		return errors.Join(errs...)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s::%w", section, err)
}

// asked gives the consent in force: the strictest of the profile's mode, the
// environment as it is now, and the program's own switch, which is asked each time.
// A switch that panics says off.
func (c *config) asked() func() trust.Mode {
	configured := trust.On
	for _, operator := range c.operators {
		mode, _ := trust.ParseMode(operator.Mode)
		said := trust.Environment(operator.Environment, os.Getenv)
		configured = min(configured, trust.Strictest(trust.Decision{Mode: mode}, said...).Mode)
	}
	if c.consent == nil || configured == trust.Off {
		return func() trust.Mode { return configured }
	}
	return func() (held trust.Mode) {
		defer func() {
			if recover() != nil {
				held = trust.Off
			}
		}()
		return min(configured, c.consent())
	}
}

// transport makes the requests.
func (c *config) transport() (http.RoundTripper, error) {
	base := http.DefaultTransport
	if c.client != nil && c.client.Transport != nil {
		base = c.client.Transport
	} else if standard, ok := base.(*http.Transport); ok && c.client == nil {
		own := standard.Clone()
		if c.tls != nil {
			own.TLSClientConfig = c.tls.Clone()
		}
		if c.collect.ProxyURL != "" {
			proxy, _ := url.Parse(c.collect.ProxyURL)
			own.Proxy = http.ProxyURL(proxy)
		}
		base = own
	}
	if c.collect.Oblivious.HasValue() {
		var err error
		if base, err = c.collect.Oblivious.Get().Through(base); err != nil {
			return nil, fmt.Errorf("exporters::collect::%w", err)
		}
	}
	return endpoint.WithHeaders(base, c.collect.Headers), nil
}
