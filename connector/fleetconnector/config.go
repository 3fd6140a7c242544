// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
)

// Config of the fleet connector. What it does not name is not told of the fleet.
type Config struct {
	// Interval between two snapshots of the fleet (default 1m).
	Interval time.Duration `mapstructure:"interval"`
	// Window is how long an installation counts after its last report, and a value
	// after it was last said: twice the interval of its stat (default 336h).
	Window time.Duration `mapstructure:"window"`
	// MinInstallations is how many installations there are behind everything that is
	// told: a figure, a value, a range, a group (default 10).
	MinInstallations int `mapstructure:"min_installations"`
	// Refresh is how long a figure stands still, unless as many installations as
	// MinInstallations have reported to it (default 24h).
	Refresh time.Duration `mapstructure:"refresh"`
	// MaxInstallations that are remembered (default 100000); beyond, only known ones are heard.
	MaxInstallations int `mapstructure:"max_installations"`
	// Storage is the storage extension through which the fleet survives a restart.
	Storage *component.ID `mapstructure:"storage"`
	// Page shows the fleet to people.
	Page configoptional.Optional[Page] `mapstructure:"page"`
	// Metrics maps metric names to what is told of the installations' numbers.
	Metrics conf.Map[Number] `mapstructure:"metrics"`
	// Resource maps names of resource attributes to what is told of the installations' values.
	Resource conf.Map[Text] `mapstructure:"resource"`
}

// Number says what is told of a number: sum and mean or, of random answers, an estimate.
type Number struct {
	// Window after which a value no longer counts; by default the connector's.
	Window time.Duration `mapstructure:"window"`
	// Unit of the number, in UCUM; on the wire it has none.
	Unit string `mapstructure:"unit"`
	// Description says what the number is, for those who read the figures.
	Description string `mapstructure:"description"`
	// Bounds are the lower ends of ranges, ascending, by which installations are counted.
	// A number below the first belongs to the first range.
	Bounds []int64 `mapstructure:"bounds"`
	// By is the data point attribute that names the groups of a grouped number; of two, with a
	// comma between, both do.
	By string `mapstructure:"by"`
	// Limit is how many groups, the most frequent ones, are told by name; the others
	// are told together, as `other` (default 20).
	Limit int `mapstructure:"limit"`
	// Histogram says that each installation sends counts by upper bound; they are added up.
	Histogram bool `mapstructure:"histogram"`
	// Clamp is the rule that bounds the numbers: one beyond its ends counts as the end, as that rule would have it.
	Clamp *rule.Clamp `mapstructure:"clamp"`
	// OneBit is the rule that made bits of the numbers: the mean is estimated.
	OneBit *rule.OneBit `mapstructure:"one_bit"`
	// RandomizedResponse is the rule that made random answers of 0 and 1: the share of 1 is estimated.
	RandomizedResponse *rule.RandomizedResponse `mapstructure:"randomized_response"`
}

// Text says what is told of a text or boolean: counts by value or, of random answers, estimated shares.
type Text struct {
	// Window after which a value no longer counts; by default the connector's.
	Window time.Duration `mapstructure:"window"`
	// Description says what the value is, for those who read the figures.
	Description string `mapstructure:"description"`
	// Limit is how many values, the most frequent ones, are told by name; the others
	// are told together, as `other` (default 20).
	Limit int `mapstructure:"limit"`
	// RandomizedResponse is the rule that made random answers of the values: shares are estimated.
	RandomizedResponse *rule.RandomizedResponse `mapstructure:"randomized_response"`
}

// The bounds of what bounds memory.
const (
	defaultLimit = 20
	maxLimit     = 1000
	maxFleet     = 10_000_000
)

func createDefaultConfig() component.Config {
	server := confighttp.NewDefaultServerConfig()
	server.NetAddr.Endpoint = "127.0.0.1:4391"
	return &Config{
		Interval: time.Minute, Window: 2 * 7 * 24 * time.Hour, MinInstallations: 10, Refresh: 24 * time.Hour, MaxInstallations: 100_000,
		Page: configoptional.Default(Page{Server: configoptional.Default(server)}),
	}
}

// Validate implements confmap.Validator.
func (c *Config) Validate() error {
	var errs []error
	add := func(format string, arguments ...any) { errs = append(errs, fmt.Errorf(format, arguments...)) }
	if c.Interval <= 0 {
		add("interval: %s: write the time between two snapshots, such as 1m", c.Interval)
	}
	if c.Window < time.Second {
		add("window: %s: write twice the interval of the stat, such as 336h", c.Window)
	}
	if c.MinInstallations < 1 || c.MinInstallations > maxFleet {
		add("min_installations: %d: write how many installations stand behind each figure, such as 10", c.MinInstallations)
	}
	if c.Refresh <= 0 {
		add("refresh: %s: write how long a figure stands still, such as 24h", c.Refresh)
	}
	if c.MaxInstallations < 1 || c.MaxInstallations > maxFleet {
		add("max_installations: %d: write 1 to %d", c.MaxInstallations, maxFleet)
	}
	for _, name := range c.Resource.Names() {
		switch _, twice := c.Metrics[name]; {
		case name == mapping.InstanceID:
			add("resource::%s: installations are counted, never named: remove the entry", name)
		case twice:
			add("resource::%s: a metric has this name too, and so would its figures: remove one of them", name)
		}
	}
	_, unnamedMetric := c.Metrics[""]
	_, unnamedAttribute := c.Resource[""]
	if unnamedMetric || unnamedAttribute {
		add("an entry of metrics or resource has no name: write one, or remove the entry")
	}
	return errors.Join(errs...)
}

// Validate implements confmap.Validator.
func (n Number) Validate() error {
	random := n.OneBit != nil || n.RandomizedResponse != nil
	switch {
	case n.Window != 0 && n.Window < time.Second:
		return fmt.Errorf("window: %s: write twice the interval of the stat, such as 24h, or leave it out", n.Window)
	case n.OneBit != nil && n.RandomizedResponse != nil:
		return errors.New("one_bit and randomized_response are two rules for one value: write the one that the installations have")
	case n.Clamp != nil && (random || n.Histogram):
		return errors.New("clamp: a random bit and a histogram have no number that could lie beyond its ends: remove clamp")
	case n.Bounds != nil && random:
		return errors.New("bounds: a random bit has no range: remove bounds")
	case n.RandomizedResponse != nil && n.RandomizedResponse.Values != nil:
		return errors.New("randomized_response: values: a metric answers yes or no, by 1 or 0: leave values to a resource attribute")
	case n.By != "" && (n.Bounds != nil || n.Histogram):
		return errors.New("by: groups are told in sum, on average, by estimates and by number of installations: remove bounds and histogram")
	case n.Histogram && (random || n.Bounds != nil):
		return errors.New("histogram: its bounds come with it: remove bounds, one_bit and randomized_response")
	case n.By != "" && slices.Contains(n.Groups(), ""):
		return fmt.Errorf("by: %q: write the attribute that tells groups apart, or two with a comma between", n.By)
	case n.Limit != 0 && n.By == "":
		return errors.New("limit: it bounds the groups of `by`: write by, or remove limit")
	case n.Limit < 0 || n.Limit > maxLimit:
		return fmt.Errorf("limit: %d: write 1 to %d groups", n.Limit, maxLimit)
	case n.Bounds != nil && len(n.Bounds) < 2:
		return fmt.Errorf("bounds: %v: write at least two lower ends, such as [0, 1, 6, 21]", n.Bounds)
	}
	for i := 1; i < len(n.Bounds); i++ {
		if n.Bounds[i] <= n.Bounds[i-1] {
			return fmt.Errorf("bounds: %d: write whole numbers in ascending order", n.Bounds[i])
		}
	}
	return nil
}

// Validate implements confmap.Validator.
func (t Text) Validate() error {
	switch {
	case t.Window != 0 && t.Window < time.Second:
		return fmt.Errorf("window: %s: write twice the interval of the stat, such as 24h, or leave it out", t.Window)
	case t.Limit < 0 || t.Limit > maxLimit:
		return fmt.Errorf("limit: %d: write 1 to %d values", t.Limit, maxLimit)
	case t.Limit > 0 && t.RandomizedResponse != nil:
		return errors.New("limit: the values of a random answer are those of its rule: remove limit")
	}
	return nil
}
