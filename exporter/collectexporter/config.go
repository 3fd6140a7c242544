// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/internal/plainhttp"
)

// Config of the collect exporter.
type Config struct {
	// ClientConfig holds the endpoint, and how it is reached: timeout (default 5s),
	// proxy_url, tls, auth, headers.
	ClientConfig confighttp.ClientConfig `mapstructure:",squash"`

	// SendingQueue is the Collector's queue; persistent with its own `storage` key.
	SendingQueue configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`

	// Options are those of the exporter for Go programs, too.
	delivery.Options `mapstructure:",squash"`

	// Storage is the extension that remembers when each stat was last accepted.
	// Without it a restart sends everything again.
	Storage *component.ID `mapstructure:"storage"`

	// RequireAnonymizer refuses what did not just pass the anonymizer (default true).
	RequireAnonymizer bool `mapstructure:"require_anonymizer"`

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
		Options:           delivery.DefaultOptions(),
		RequireAnonymizer: true,
	}
}

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements confmap.Unmarshaler: unknown keys are errors, as everywhere, and so are stats of which
// nothing is left.
func (c *Config) Unmarshal(section *confmap.Conf) error {
	if err := conf.Unmarshal(section, c); err != nil {
		return err
	}
	if section.IsSet("stats") && len(c.Stats) == 0 {
		return delivery.ErrNoStats
	}
	return nil
}

// Validate implements confmap.Validator.
func (c *Config) Validate() error {
	errs := []error{
		c.Check(c.ClientConfig.Endpoint),
		endpoint.CheckClient(c.ClientConfig.Timeout, c.ClientConfig.Headers),
		c.validateIncreases(),
	}
	if c.ClientConfig.Cookies.HasValue() {
		errs = append(errs, errors.New("cookies: by a cookie the endpoint could recognize this installation: remove the entry"))
	}
	if c.Oblivious.HasValue() {
		errs = append(errs, c.validateOblivious())
	} else {
		tls := c.ClientConfig.TLS // its insecure, which asks for none, and the like of it pass
		errs = append(errs, plainhttp.CheckTLS("tls", c.ClientConfig.Endpoint, tls.ServerName, tls.Config))
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
