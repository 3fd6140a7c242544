// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
)

// Config of the installation processor.
type Config struct {
	// Identity says which processes are one installation, and what its id is.
	Identity Identity `mapstructure:"identity"`

	// Gather is how long after the first request of an installation the processor
	// waits for others, of other workers and readers, before it hands on what it
	// knows (default 10s).
	Gather time.Duration `mapstructure:"gather"`

	// ProcessTimeout is how long after its last report a process still counts for
	// gauges and for counters that go up and down (default 1h). Counters that only
	// go up keep what ended processes counted.
	ProcessTimeout time.Duration `mapstructure:"process_timeout"`

	// MaxInstallations bounds how many are gathered (default 1000).
	MaxInstallations int `mapstructure:"max_installations"`

	// MaxSeries bounds the series of one installation (default 2000).
	MaxSeries int `mapstructure:"max_series"`

	// Storage is the extension that keeps ids and counters through restarts of the
	// Collector. Without it every restart would make a new installation, so it has
	// to be there unless identity::id is.
	Storage *component.ID `mapstructure:"storage"`

	// Consent is the headcount extension that is asked: while it says off, nothing is gathered or kept.
	Consent *component.ID `mapstructure:"consent"`
}

// Identity of an installation.
type Identity struct {
	// Per are the resource attributes that tell installations apart (default
	// service.namespace and service.name). Name only what stays as it is when the
	// application restarts: not host.name in containers, never process.pid.
	Per []string `mapstructure:"per"`
	// ID is the installation's id where the operator gives one; without it a random
	// one is drawn once and kept. One id is for one installation: with it, all that
	// arrives is gathered as one.
	ID string `mapstructure:"id"`
}

// retention is how long an ended process is remembered one by one: should it only
// have been slow, it is not counted twice.
const retention = 7 * 24 * time.Hour

func createDefaultConfig() component.Config {
	return &Config{
		Identity: Identity{Per: []string{"service.namespace", serviceName}}, Gather: 10 * time.Second, ProcessTimeout: time.Hour,
		MaxInstallations: 1000, MaxSeries: 2000,
	}
}

// Validate implements confmap.Validator.
func (c *Config) Validate() error {
	var errs []error
	add := func(format string, arguments ...any) { errs = append(errs, fmt.Errorf(format, arguments...)) }
	if c.Storage == nil && c.Identity.ID == "" {
		add("storage: missing, so that each start would be a new installation: write storage: file_storage, or the installation's id under identity::id")
	}
	if len(c.Identity.Per) == 0 && c.Identity.ID == "" {
		add("identity::per: empty: write the resource attributes that tell installations apart, such as [service.namespace, service.name]")
	}
	if slices.Contains(c.Identity.Per, instanceID) {
		add("identity::per: service.instance.id is new in each process of most SDKs: write attributes that stay, such as service.name, or give the id under identity::id")
	}
	if c.Gather < 0 {
		add("gather: %s: write how long to wait for an installation's other requests, such as 10s", c.Gather)
	}
	if c.ProcessTimeout <= 0 || c.ProcessTimeout > retention {
		add("process_timeout: %s: write a time up to %s, longer than the application's export interval, such as 1h", c.ProcessTimeout, retention)
	}
	if c.MaxInstallations < 1 {
		add("max_installations: %d: write at least 1", c.MaxInstallations)
	}
	if c.MaxSeries < 1 {
		add("max_series: %d: write at least 1", c.MaxSeries)
	}
	return errors.Join(errs...)
}
