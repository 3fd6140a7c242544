// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
)

// Options are what both exporters may be told, in the words of a Collector's configuration.
type Options struct {
	// RetryOnFailure is the Collector's retry. It never gives up, and tries at least
	// about once an hour, unless the configuration says otherwise.
	RetryOnFailure configretry.BackOffConfig `mapstructure:"retry_on_failure"`

	// Consent is the extension that is asked before anything is queued and before
	// each request. Without it every headcount extension is; none asks nobody.
	Consent *component.ID `mapstructure:"consent"`

	// Stats are the reports to send, by name. Without any, each resource becomes
	// one stat USAGE with all that passed, at most once in 24 hours.
	Stats mapping.Definitions `mapstructure:"stats"`

	// Oblivious has a relay pass the stats on, so that the makers see no address;
	// without it they go to the endpoint directly. tls and proxy_url are then the
	// way to the relay, headers go to the endpoint.
	Oblivious configoptional.Optional[endpoint.Oblivious] `mapstructure:"oblivious"`

	// Sign has each report signed with a key of its installation's id (default false), so
	// that nobody else can report under it. It is for ids that are lost together with
	// storage, in which the keys' secret lies: a pseudonym, or a generated id.
	Sign bool `mapstructure:"sign"`

	// AllowInsecure permits http to hosts beyond this machine.
	AllowInsecure bool `mapstructure:"allow_insecure"`
}

// DefaultOptions are those of a configuration that says nothing.
func DefaultOptions() Options { return Options{RetryOnFailure: DefaultRetry()} }

// ErrNoStats is the error of stats of which nothing is left, as null over those of a profile: who takes each of them away
// wants nothing to leave, and would get the stat of all that passed.
var ErrNoStats = errors.New("stats: holds no stat, and without one all that passed leaves as the stat USAGE: write those that are to leave, " +
	"or, for none, mode: off under extensions::headcount; for USAGE remove the key")

// Check finds what spans the options, and what they say of the endpoint.
func (o *Options) Check(url string) error {
	return errors.Join(endpoint.Check(url, o.AllowInsecure), mapping.ValidateNames(o.Stats), mapping.ValidateIntervals(o.Stats))
}
