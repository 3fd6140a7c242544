// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

// Config names everything that may leave, and how. What no rule names does not pass.
// The keys of the three maps are exact names or patterns with `*`, which stands
// for any characters; the rule with the most literal characters holds.
type Config struct {
	// Storage is the storage extension for what sticky rules have to remember.
	Storage *component.ID `mapstructure:"storage"`
	// Consent is the headcount extension that is asked: while it says off, nothing
	// passes and nothing is remembered. Without the key every one that runs is asked;
	// none asks nobody.
	Consent *component.ID `mapstructure:"consent"`
	// Ledger is another extension that shows each value before and after its rule; the one that is asked for consent does.
	Ledger *component.ID `mapstructure:"ledger"`
	// Timestamps says how exact the points' times stay.
	Timestamps Timestamps `mapstructure:"timestamps"`
	// Metrics maps metric names to rules for their points' numbers.
	Metrics conf.Map[rule.Number] `mapstructure:"metrics"`
	// Attributes maps names of data point attributes to rules for their values.
	Attributes conf.Map[rule.Text] `mapstructure:"attributes"`
	// Resource maps names of resource attributes to rules for their values.
	Resource conf.Map[rule.Text] `mapstructure:"resource"`
}

// Timestamps says how exact the points' times stay.
type Timestamps struct {
	// Truncate cuts times down to a multiple of this since 1970-01-01 UTC; 0s leaves them exact.
	Truncate time.Duration `mapstructure:"truncate"`
}

// Validate checks each rule in itself.
func (t Timestamps) Validate() error {
	if t.Truncate < 0 {
		return fmt.Errorf("truncate: %v is negative: write 24h, or 0s to leave times exact", t.Truncate)
	}
	return nil
}

// Validate checks what spans the rules; each rule checks itself.
func (cfg *Config) Validate() error {
	return errors.Join(
		checkNames("metrics", cfg.Metrics),
		checkNames("attributes", cfg.Attributes),
		checkNames("resource", cfg.Resource),
		checkReserved(cfg.Resource),
		checkRandomAttributes(cfg.Attributes),
		checkOpenAttributes(cfg.Attributes),
		cfg.checkGroups(),
		cfg.checkStorage(),
		cfg.checkIdentity(),
	)
}

// PassesMetric reports whether a rule lets metrics of this name through.
func (cfg *Config) PassesMetric(name string) bool { return allows(cfg.Metrics, name) }

// MetricRule is the rule for metrics of this name, and whether there is one.
func (cfg *Config) MetricRule(name string) (rule.Number, bool) {
	return index(cfg.Metrics, func(r rule.Number) rule.Number { return r }).find(name)
}

// AttributeRule is the rule for data point attributes of this name, and whether there is one.
func (cfg *Config) AttributeRule(name string) (rule.Text, bool) {
	return index(cfg.Attributes, func(r rule.Text) rule.Text { return r }).find(name)
}

// PassesAttribute reports whether a rule lets data point attributes of this name through.
func (cfg *Config) PassesAttribute(name string) bool { return allows(cfg.Attributes, name) }

// PassesResource reports whether a rule lets resource attributes of this name through.
func (cfg *Config) PassesResource(name string) bool { return allows(cfg.Resource, name) }

func allows[R entry](rules conf.Map[R], name string) bool {
	found, ok := index(rules, func(r R) R { return r }).find(name)
	return ok && !found.Drops()
}

func checkReserved(rules conf.Map[rule.Text]) error {
	if _, named := rules[trust.FailedReadings]; named {
		return fmt.Errorf("resource::%s: this list of failed readings needs no rule: it passes, cut down to the names that have one; remove the entry", trust.FailedReadings)
	}
	return nil
}

// checkRandomAttributes: sticky draws are made for a point's outgoing attributes, so these must not change by themselves.
func checkRandomAttributes(rules conf.Map[rule.Text]) error {
	var errs []error
	for _, name := range rules.Names() {
		r := rules[name]
		if r.RandomizedResponse != nil && !r.Drop {
			errs = append(errs, fmt.Errorf("attributes::%s: randomized_response: a group with a random name is no group: use it under resource, or allow: [...] here", name))
		}
	}
	return errors.Join(errs...)
}

// checkOpenAttributes: a group's name is a text that the data chooses.
func checkOpenAttributes(rules conf.Map[rule.Text]) error {
	var errs []error
	for _, name := range rules.Names() {
		if r := rules[name]; r.Keeps() && !r.Open {
			errs = append(errs, fmt.Errorf("attributes::%s: keep would let any text out, a token or a name too: write allow: [...] with the values that may leave, or open: true beside keep", name))
		}
	}
	return errors.Join(errs...)
}

func (cfg *Config) checkStorage() error {
	if cfg.Storage != nil {
		return nil
	}
	key, name := cfg.firstThat(rule.Number.Remembers, rule.Text.Remembers)
	if key == "" {
		return nil
	}
	return fmt.Errorf("%s::%s: this rule has to remember (a secret, or with hysteresis its range): write storage: file_storage beside metrics, or for a bucket hysteresis: 0", key, name)
}

// checkIdentity: with sticky rules the outgoing id derives from the secret, so that
// a lost secret is a new identity and never a second draw for an old one.
func (cfg *Config) checkIdentity() error {
	key, name := cfg.firstThat(rule.Number.Sticky, rule.Text.Sticky)
	id, named := index(cfg.Resource, func(r rule.Text) rule.Text { return r }).find(instanceID)
	if key == "" || !named || id.Drop || id.Redact || id.Pseudonym != nil {
		return nil
	}
	return fmt.Errorf("resource::%s: %s::%s draws once and for ever, so the id that leaves has to derive from the same secret: write pseudonym: {every: never} here", instanceID, key, name)
}

func (cfg *Config) remembers() bool {
	key, _ := cfg.firstThat(rule.Number.Remembers, rule.Text.Remembers)
	return key != ""
}

// firstThat finds a rule, by its map's key and its own.
func (cfg *Config) firstThat(numbers func(rule.Number) bool, texts func(rule.Text) bool) (key, name string) {
	for _, name := range cfg.Metrics.Names() {
		if numbers(cfg.Metrics[name]) {
			return "metrics", name
		}
	}
	for _, texted := range []struct {
		key   string
		rules conf.Map[rule.Text]
	}{{"attributes", cfg.Attributes}, {"resource", cfg.Resource}} {
		for _, name := range texted.rules.Names() {
			if texts(texted.rules[name]) {
				return texted.key, name
			}
		}
	}
	return "", ""
}

// entry is what rules for numbers and texts have in common.
type entry interface {
	Keeps() bool
	Drops() bool
}

func checkNames[R entry](key string, rules conf.Map[R]) error {
	var errs []error
	names := rules.Names()
	for i, name := range names {
		switch {
		case name == "":
			errs = append(errs, fmt.Errorf("%s: an empty name: write a name or a pattern such as shop.orders.*", key))
		case name[0] == '*':
			errs = append(errs, fmt.Errorf("%s::%s: a pattern starts with a literal: write the common beginning of the names before the *", key, name))
		case isPattern(name) && rules[name].Keeps():
			errs = append(errs, fmt.Errorf("%s::%s: a pattern cannot keep: name each that stays exact, or give the pattern another rule", key, name))
		}
		for _, other := range names[:i] {
			if ambiguous(name, other) {
				errs = append(errs, fmt.Errorf("%s::%s: as specific as %s, and both match some names: make one of them longer", key, name, other))
			}
		}
	}
	return errors.Join(errs...)
}
