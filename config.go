// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/trust"
)

// Config of the headcount extension.
type Config struct {
	// Mode is the configuration's own decision: off, local (read and show, send
	// nothing; the default) or on. Of all signals the strictest wins.
	Mode string `mapstructure:"mode"`

	// Environment names further variables that are signals, and how each is read.
	// DO_NOT_TRACK (opt_out) and HEADCOUNT_MODE (mode) always are.
	Environment conf.Map[trust.Signal] `mapstructure:"environment"`

	// Silenced are signals that one file names and a later one takes away: they keep
	// their say. The distribution fills them in, each variable with its meanings.
	Silenced map[string][]trust.Signal `mapstructure:"silenced"`

	// Endpoint is the address of the page, an IP address and a port; port 0
	// takes a free one. Without an endpoint there is no page.
	Endpoint string `mapstructure:"endpoint"`

	// Storage names the storage extension that keeps the page's switch and the
	// ledger. Without it both last until the program ends.
	Storage *component.ID `mapstructure:"storage"`

	// Directory is the state folder, in which the page's choice is kept in two
	// copies of its own, and which one process at a time may use. The distribution
	// fills in the directory of the file_storage that Storage names. Without one the
	// choice lies in the storage alone.
	Directory string `mapstructure:"directory"`

	// Beside are the folders of the other storages that those use which ask here: a
	// stricter choice that was kept in one of them holds until a later one is made. The
	// distribution fills them in.
	Beside []string `mapstructure:"beside"`

	// Console writes to standard output what was read, what left and what arrived.
	Console bool `mapstructure:"console"`

	// Until says when the program ends by itself: stopped (never; the default), shown or delivered.
	Until oneshot.Until `mapstructure:"until"`

	// Deadline is the longest wait for what Until names; then the program ends with an error.
	Deadline time.Duration `mapstructure:"deadline"`
}

var _ component.Config = (*Config)(nil)

var untils = conf.WordsOf(oneshot.Stopped, oneshot.Shown, oneshot.Delivered)

// Words implements conf.Worded.
func (*Config) Words() map[string]conf.Words {
	return map[string]conf.Words{
		"mode":        trust.ModeNames(),
		"environment": conf.WordsOf(trust.Signals()...),
		"silenced":    conf.WordsOf(trust.Signals()...),
		"until":       untils,
	}
}

// Validate reports what cannot work, also where the environment says it.
func (c *Config) Validate() error {
	if _, err := trust.ParseMode(c.Mode); err != nil {
		return fmt.Errorf("mode: %w", err)
	}
	if err := consent.CheckEnvironment(c.Environment, os.Getenv); err != nil {
		return err
	}
	if c.Endpoint != "" {
		if _, err := netip.ParseAddrPort(c.Endpoint); err != nil {
			return fmt.Errorf("endpoint: %q is no IP address with a port (a name would be looked up): write 127.0.0.1:55690, or leave it out for no page", c.Endpoint)
		}
	}
	if !slices.Contains(untils, string(c.Until)) {
		return fmt.Errorf("until: %q is nothing to wait for: write %s", c.Until, untils)
	}
	if c.Deadline <= 0 {
		return errors.New("deadline: has to be longer than zero: write 1m, or leave it out")
	}
	return nil
}

// Configured is the decision of the configuration and its environment, without the page's choice.
func (c *Config) Configured(getenv func(string) string) trust.Decision {
	held := consent.Configured(c.Mode, c.Environment, getenv)
	for _, name := range slices.Sorted(maps.Keys(c.Silenced)) {
		for _, meaning := range c.Silenced[name] {
			held = trust.Strictest(held, trust.Environment(map[string]trust.Signal{name: meaning}, getenv)...)
		}
	}
	return held
}
