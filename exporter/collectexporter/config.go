// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
)

// Config of the collect exporter.
type Config struct {
	// ClientConfig holds the endpoint, and how it is reached: timeout (default 5s),
	// proxy_url, tls, auth, headers.
	ClientConfig confighttp.ClientConfig `mapstructure:",squash"`

	// SendingQueue is the Collector's queue; persistent with its own `storage` key.
	SendingQueue configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`

	// RetryOnFailure is the Collector's retry. It never gives up, and tries at least
	// about once an hour, unless the configuration says otherwise.
	RetryOnFailure configretry.BackOffConfig `mapstructure:"retry_on_failure"`

	// Storage is the extension that remembers when each stat was last accepted.
	// Without it a restart sends everything again.
	Storage *component.ID `mapstructure:"storage"`

	// Consent is the extension that is asked before anything is queued and before
	// each request. Without it every headcount extension is; none asks nobody.
	Consent *component.ID `mapstructure:"consent"`

	// Stats are the reports to send, by name. Without any, each resource becomes
	// one stat USAGE with all that passed, at most once in 24 hours.
	Stats mapping.Definitions `mapstructure:"stats"`

	// RequireAnonymizer refuses what did not just pass the anonymizer (default true).
	RequireAnonymizer bool `mapstructure:"require_anonymizer"`

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

	// DryRun does everything but the request: each body goes to the log and the
	// ledger instead, and nothing is stored.
	DryRun bool `mapstructure:"dry_run"`
}

func createDefaultConfig() component.Config {
	client := confighttp.NewDefaultClientConfig()
	client.Timeout = endpoint.DefaultTimeout
	// Without it net/http keeps two connections of the queue's ten consumers.
	keepalive := confighttp.NewDefaultKeepaliveClientConfig()
	keepalive.MaxIdleConnsPerHost = exporterhelper.NewDefaultQueueConfig().NumConsumers
	client.Keepalive = configoptional.Some(keepalive)
	return &Config{
		ClientConfig:      client,
		SendingQueue:      configoptional.Some(exporterhelper.NewDefaultQueueConfig()),
		RetryOnFailure:    delivery.DefaultRetry(),
		RequireAnonymizer: true,
	}
}

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements confmap.Unmarshaler: unknown keys are errors, as everywhere.
func (c *Config) Unmarshal(section *confmap.Conf) error { return conf.Unmarshal(section, c) }

// Validate implements confmap.Validator.
func (c *Config) Validate() error {
	errs := []error{
		endpoint.Check(c.ClientConfig.Endpoint, c.AllowInsecure),
		endpoint.CheckClient(c.ClientConfig.Timeout, c.ClientConfig.Headers),
		mapping.ValidateNames(c.Stats),
		mapping.ValidateIntervals(c.Stats),
		c.validateIncreases(),
	}
	if c.ClientConfig.Cookies.HasValue() {
		errs = append(errs, errors.New("cookies: by a cookie the endpoint could recognize this installation: remove the entry"))
	}
	if c.Oblivious.HasValue() {
		errs = append(errs, c.validateOblivious())
	}
	if c.Sign {
		errs = append(errs, c.validateSign())
	}
	if queue := c.SendingQueue.Get(); queue != nil && queue.Batch.HasValue() && queue.Batch.Get().MaxSize > 0 {
		errs = append(errs, fmt.Errorf(
			"sending_queue::batch::max_size: %d would split a resource between two batches: remove max_size, each stat is a request of its own",
			queue.Batch.Get().MaxSize))
	}
	return errors.Join(errs...)
}

// validateIncreases asks for the memory that an increase is counted from.
func (c *Config) validateIncreases() error {
	if c.Storage != nil || c.DryRun {
		return nil
	}
	for _, stat := range c.Stats.Names() {
		value := c.Stats[stat].Value
		for _, key := range value.Names() {
			if value[key].Increase {
				return fmt.Errorf("storage: missing, and stats::%s::value::%s::increase counts from the last accepted report, across restarts: write storage: file_storage", stat, key)
			}
		}
	}
	return nil
}

// validateOblivious refuses what would tell who reports, inside or outside.
func (c *Config) validateOblivious() error {
	switch {
	case c.ClientConfig.Auth.HasValue():
		return errors.New("auth: by it the makers would know who reports, whatever the relay hides: remove it, or oblivious")
	case c.ClientConfig.Compression.IsCompressed():
		return errors.New("compression: reports that go through a relay have the same few lengths: remove it")
	}
	return nil
}

// relayHost is the relay's host and port, empty without one.
func (c *Config) relayHost() string {
	if relay := c.Oblivious.Get(); relay != nil {
		return relay.RelayHost()
	}
	return ""
}

// validateSign refuses what would have an endpoint refuse the reports of its own installations.
func (c *Config) validateSign() error {
	switch {
	case c.Storage == nil:
		return errors.New("sign: true needs a storage that keeps the key: write storage: file_storage beside it, or sign: false")
	case c.ClientConfig.Compression.IsCompressed():
		return errors.New("compression: a signature covers a report as it is, and this one would leave as another: remove it, or write sign: false")
	}
	return nil
}
