// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"math"
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/conf"
)

// Definitions is the `stats:` block of exporter and receiver: what each stat is made of, by its name.
type Definitions = conf.Map[Definition]

// Definition says what one stat is made of and how often it is due.
type Definition struct {
	// Interval is the least time between two accepted reports of one installation.
	Interval time.Duration `mapstructure:"interval"`
	// Pace names a group of stats that share one interval; empty for a stat on its own.
	Pace string `mapstructure:"pace,omitempty"`
	// Description says what is asked and why, for those who read what the makers show.
	Description string `json:"-" mapstructure:"description,omitempty"`
	// Value maps each key of the report to where its value comes from.
	Value conf.Map[Origin] `mapstructure:"value"`
}

// Unmarshal implements confmap.Unmarshaler: an interval may be in days.
func (d *Definition) Unmarshal(section *confmap.Conf) error {
	if text, isText := section.Get("interval").(string); isText {
		var interval conf.Duration
		if err := interval.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("interval: %w", err)
		}
		spelled := map[string]any{"interval": time.Duration(interval).String()}
		if err := section.Merge(confmap.NewFromStringMap(spelled)); err != nil {
			return err
		}
	}
	return section.Unmarshal(d)
}

// Origin is where a value comes from: a metric or a resource attribute.
type Origin struct {
	// Metric is the name of a metric with one data point, or, with By, one per group.
	Metric string `mapstructure:"metric,omitempty"`
	// Resource is the name of a resource attribute.
	Resource string `mapstructure:"resource,omitempty"`
	// By is the data point attribute whose values become the keys of an object; of two, with a comma
	// between, both values do.
	By string `mapstructure:"by,omitempty"`
	// Description says what the value is, for those who read what the makers show.
	Description string `json:"-" mapstructure:"description,omitempty"`
	// Optional leaves the key out when there is no such metric or attribute.
	Optional bool `mapstructure:"optional,omitempty"`
	// Default is the metric's number where the installation reports others of the stat and not this one: SDKs
	// export no counter that was never incremented.
	Default *float64 `mapstructure:"default,omitempty" json:",omitempty"`
	// Increase says by how much a counter grew since the stat was last accepted, in place of its total.
	Increase bool `mapstructure:"increase,omitempty" json:",omitempty"`
}

// ErrorKey is the key under which an app reports an error of its own. Such a
// text may hold anything, so no stat is made of it and it never becomes a metric.
const ErrorKey = "error"

// PaceOf returns the key under which the acceptance of the stat name is
// remembered: its pace, or the name itself.
func (d Definition) PaceOf(name string) string {
	if d.Pace != "" {
		return d.Pace
	}
	return name
}

// Validate implements confmap.Validator.
func (d Definition) Validate() error {
	switch _, named := d.Value[ErrorKey]; {
	case d.Interval < 0:
		return fmt.Errorf("interval: %s is negative: write the least time between two reports, such as 168h", d.Interval)
	case len(d.Value) == 0:
		return errors.New("value: the stat has no fields: write at least one, such as users: {metric: app.users}")
	case named:
		return errors.New("value::error: the key \"error\" is where apps put an error's text, which must not pass: choose another key")
	}
	for _, key := range d.Value.Names() {
		if key == "" || len(key) > collect.MaxText {
			return fmt.Errorf("value: a key has %d bytes: write 1 to %d", len(key), collect.MaxText)
		}
	}
	return nil
}

// Validate implements confmap.Validator.
func (o Origin) Validate() error {
	switch {
	case o.Metric != "" && o.Resource != "":
		return fmt.Errorf("both metric %q and resource %q: write one of them", o.Metric, o.Resource)
	case o.Metric == "" && o.By != "":
		return fmt.Errorf("by: %q groups the points of a metric: write it beside metric", o.By)
	case o.Metric == "" && o.Resource == "":
		return errors.New("neither metric nor resource: write {metric: NAME} or {resource: NAME}")
	case o.Increase && o.Metric == "":
		return errors.New("increase: only a counter increases: write it beside metric")
	case o.Default != nil:
		return o.validateDefault()
	}
	return nil
}

func (o Origin) validateDefault() error {
	switch {
	case o.Metric == "":
		return errors.New("default: an attribute that is absent is null: write it beside metric")
	case o.Optional:
		return errors.New("default: with optional the key is left out: write one of them")
	case o.By != "":
		return errors.New("default: with by the value is an object: write optional: true, which leaves out the key where there are no groups")
	case math.IsNaN(*o.Default) || math.Abs(*o.Default) > maxDefault:
		return fmt.Errorf("default: %v: write a number such as 0", *o.Default)
	}
	return nil
}

// maxDefault is the greatest number up to which all integers can be written.
const maxDefault = 1 << 53

// fallback is the value that Default says.
func (o Origin) fallback() collect.Value {
	if *o.Default == math.Trunc(*o.Default) {
		return collect.Int(int64(*o.Default))
	}
	return collect.Double(*o.Default)
}

// ValidateNames checks what a single definition cannot know: the stat's
// name. The exporter checks ValidateIntervals besides.
func ValidateNames(definitions Definitions) error {
	for _, name := range definitions.Names() {
		if name == "" || len(name) > collect.MaxText {
			return fmt.Errorf("stats: a stat's name has %d bytes: write 1 to %d", len(name), collect.MaxText)
		}
	}
	return nil
}

// ValidateIntervals checks that each definition says how often it is due, and
// that stats of one pace say the same. The receiver reads the same block and
// needs no intervals.
func ValidateIntervals(definitions Definitions) error {
	var errs error
	first := map[string]string{}
	for _, name := range definitions.Names() {
		d := definitions[name]
		if d.Interval == 0 {
			errs = errors.Join(errs, fmt.Errorf("stats::%s::interval: missing: write the least time between two reports, such as 168h", name))
			continue
		}
		pace := d.PaceOf(name)
		if other, ok := first[pace]; ok && definitions[other].Interval != d.Interval {
			errs = errors.Join(errs, fmt.Errorf("stats::%s::interval: %s, but %s, which has the same pace %q, says %s: write the same interval in both, or give them paces of their own",
				name, d.Interval, other, pace, definitions[other].Interval))
			continue
		}
		first[pace] = name
	}
	return errs
}
