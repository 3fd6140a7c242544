// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/overlay"
	"github.com/headcount-otel/headcount/trust"
)

// Config names everything that may leave, and how. What no rule names does not pass.
// The keys of the three maps are exact names or patterns with `*`, which stands
// for any characters; the rule with the most literal characters holds.
type Config struct {
	// Storage is the storage extension for what sticky rules have to remember.
	Storage *component.ID `mapstructure:"storage"`
	// Ledger is the extension that shows each value before and after its rule.
	Ledger *component.ID `mapstructure:"ledger"`
	// Timestamps says how exact the points' times stay.
	Timestamps Timestamps `mapstructure:"timestamps"`
	// Metrics maps metric names to rules for their points' numbers.
	Metrics overlay.Map[NumberRule] `mapstructure:"metrics"`
	// Attributes maps names of data point attributes to rules for their values.
	Attributes overlay.Map[TextRule] `mapstructure:"attributes"`
	// Resource maps names of resource attributes to rules for their values.
	Resource overlay.Map[TextRule] `mapstructure:"resource"`
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
	)
}

// PassesMetric reports whether a rule lets metrics of this name through.
func (cfg *Config) PassesMetric(name string) bool { return lets(cfg.Metrics, name) }

// PassesAttribute reports whether a rule lets data point attributes of this name through.
func (cfg *Config) PassesAttribute(name string) bool { return lets(cfg.Attributes, name) }

// PassesResource reports whether a rule lets resource attributes of this name through.
func (cfg *Config) PassesResource(name string) bool { return lets(cfg.Resource, name) }

func lets[R rule](rules overlay.Map[R], name string) bool {
	found, ok := index(rules, func(r R) R { return r }).find(name)
	return ok && !found.drops()
}

func checkReserved(rules overlay.Map[TextRule]) error {
	if _, named := rules[trust.FailedReadings]; named {
		return fmt.Errorf("resource::%s: this list of failed readings needs no rule: it passes, cut down to the names that have one; remove the entry", trust.FailedReadings)
	}
	return nil
}

// rule is what NumberRule and TextRule have in common.
type rule interface {
	keeps() bool
	drops() bool
}

func checkNames[R rule](key string, rules overlay.Map[R]) error {
	var errs []error
	names := rules.Names()
	for i, name := range names {
		switch {
		case name == "":
			errs = append(errs, fmt.Errorf("%s: an empty name: write a name or a pattern such as shop.orders.*", key))
		case name[0] == '*':
			errs = append(errs, fmt.Errorf("%s::%s: a pattern starts with a literal: write the common beginning of the names before the *", key, name))
		case isPattern(name) && rules[name].keeps():
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
