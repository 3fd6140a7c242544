// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
)

// Words implements conf.Worded.
func (*Config) Words() map[string]conf.Words {
	return map[string]conf.Words{"unmapped": mapping.Unmappeds}
}

// Config of the collect receiver.
type Config struct {
	// ServerConfig holds the Collector's HTTP server settings: endpoint (default
	// 127.0.0.1:4390), tls, auth, cors, max_request_body_size (default and at most
	// 1 MiB), compression_algorithms (default gzip), timeouts.
	ServerConfig confighttp.ServerConfig `mapstructure:",squash"`

	// Path at which stats are accepted (default /stat).
	Path string `mapstructure:"path"`

	// Stats is the exporter's block, read backwards: field → metric or resource
	// attribute. Its intervals are not needed here.
	Stats mapping.Definitions `mapstructure:"stats"`

	// Unmapped says what becomes of what `stats` does not name: drop (the default)
	// or keep.
	Unmapped mapping.Unmapped `mapstructure:"unmapped"`

	// Idempotency bounds the memory of accepted Idempotency-Keys.
	Idempotency Idempotency `mapstructure:"idempotency"`

	// RateLimit bounds how many stats are accepted; without it, all are.
	RateLimit RateLimit `mapstructure:"rate_limit"`

	// PipelineTimeout is how long the pipeline may take for a stat before its sender is
	// told to come again (default 3s).
	PipelineTimeout time.Duration `mapstructure:"pipeline_timeout"`

	// Hosts are the names under which a proxy on this machine passes requests on to a
	// loopback endpoint; there, others are refused.
	Hosts []string `mapstructure:"hosts"`

	// MetadataKey is the key under which the installation's id is handed on as request
	// metadata, for exporters that route by such; by default it is not.
	MetadataKey string `mapstructure:"metadata_key"`

	// MaxInstallations whose stats are taken in; 0, the default, for all. A relay beside
	// one application takes 1.
	MaxInstallations int `mapstructure:"max_installations"`

	// Signatures says how signed reports are taken in.
	Signatures Signatures `mapstructure:"signatures"`

	// Storage is the extension in which accepted Idempotency-Keys, and the keys of
	// installations, survive a restart.
	Storage *component.ID `mapstructure:"storage"`

	// Oblivious takes in reports that come through a relay which sees who sends
	// them and not what they say; without it, none.
	Oblivious configoptional.Optional[Oblivious] `mapstructure:"oblivious"`

	// Consent is the headcount extension that is asked: while it says off, nothing
	// listens. Without the key every one that runs is asked; none asks nobody.
	Consent *component.ID `mapstructure:"consent"`

	// Ledger is another extension that shows what was received; the one that is asked for consent does.
	Ledger *component.ID `mapstructure:"ledger"`
}

// Idempotency says how many accepted Idempotency-Keys are remembered, and how long.
type Idempotency struct {
	// Retention of a key after its stat was accepted (default 168h).
	Retention time.Duration `mapstructure:"retention"`
	// MaxKeys that are remembered, the newest ones (default 100000, about 10 MB).
	MaxKeys int `mapstructure:"max_keys"`
}

// Signatures says how signed reports are taken in (RFC 9421): the first signed report of an
// installation's id binds the id to its key, and from then on no other is taken in.
type Signatures struct {
	// Required refuses reports that are not signed (default false). Those of an
	// installation with a key are always refused unless that signs them.
	Required bool `mapstructure:"required"`
	// Retention of a key after its installation's last report (default 720h). An
	// installation that lost its key gets in again after that.
	Retention time.Duration `mapstructure:"retention"`
	// MaxKeys that are remembered (default 100000, about 10 MB). When there are so many,
	// installations with a key keep it, and new ones get none.
	MaxKeys int `mapstructure:"max_keys"`
}

// RateLimit bounds how many stats are accepted.
type RateLimit struct {
	// Installation bounds the stats of one installation. Installations share a
	// table of fixed size, so two of them may, rarely, share one bound.
	Installation configoptional.Optional[Rate] `mapstructure:"installation"`
	// Total bounds the valid stats of all.
	Total configoptional.Optional[Rate] `mapstructure:"total"`
	// Address bounds all requests, valid or not, of one network (/24, or /56 of IPv6).
	Address configoptional.Optional[Rate] `mapstructure:"address"`
}

// Rate is a number of requests within a time; all of them may come at once.
type Rate struct {
	// Requests that are accepted; at least 1.
	Requests int `mapstructure:"requests"`
	// Per is the time in which they are accepted.
	Per time.Duration `mapstructure:"per"`
}

func createDefaultConfig() component.Config {
	server := confighttp.NewDefaultServerConfig()
	server.NetAddr.Endpoint = "127.0.0.1:4390"
	server.MaxRequestBodySize = collect.MaxBody
	server.CompressionAlgorithms = []string{"", "gzip"}
	server.ReadHeaderTimeout = 10 * time.Second
	server.ReadTimeout = 30 * time.Second
	return &Config{
		ServerConfig: server,
		Path:         "/stat",
		Unmapped:     mapping.Drop,
		Idempotency:  Idempotency{Retention: 7 * 24 * time.Hour, MaxKeys: 100_000},

		Signatures:      Signatures{Retention: 30 * 24 * time.Hour, MaxKeys: 100_000},
		PipelineTimeout: 3 * time.Second,
		Oblivious:       configoptional.Default(defaultOblivious()),
	}
}

// Unmarshal implements confmap.Unmarshaler: unknown keys are errors, as everywhere.
func (c *Config) Unmarshal(section *confmap.Conf) error { return conf.Unmarshal(section, c) }

// Validate implements confmap.Validator.
func (c *Config) Validate() error {
	errs := []error{mapping.ValidateNames(c.Stats)}
	add := func(format string, arguments ...any) { errs = append(errs, fmt.Errorf(format, arguments...)) }
	if c.ServerConfig.NetAddr.Endpoint == "" {
		add("endpoint: missing: write the address to listen at, such as 127.0.0.1:4390")
	}
	if !strings.HasPrefix(c.Path, "/") || strings.ContainsAny(c.Path, "?# ") {
		add("path: %q: write a path without query, such as /stat", c.Path)
	}
	if len(c.Stats) == 0 && c.Unmapped == mapping.Drop {
		add("stats: missing, so that every stat would be refused: write what each is made of, such as stats: {USAGE: {value: {users: {metric: app.users}}}}, or unmapped: keep")
	}
	if c.ServerConfig.MaxRequestBodySize < 1 || c.ServerConfig.MaxRequestBodySize > collect.MaxBody {
		add("max_request_body_size: %d: write 1 to %d", c.ServerConfig.MaxRequestBodySize, collect.MaxBody)
	}
	if o := c.Oblivious.Get(); o != nil && (o.Path == c.Path || o.Path == "/") {
		add("oblivious::path: %q is taken: write another path, such as /oblivious", o.Path)
	}
	if c.PipelineTimeout <= 0 {
		add("pipeline_timeout: %s: write how long the pipeline may take for a stat, such as 3s", c.PipelineTimeout)
	}
	if c.MaxInstallations < 0 {
		add("max_installations: %d: write how many installations report here, or 0 for any number", c.MaxInstallations)
	}
	if c.ServerConfig.IncludeMetadata {
		add("include_metadata: true: this receiver never passes on who sent a stat: remove the key")
	}
	return errors.Join(errs...)
}

// isPlain reports whether the server adds nothing to a request that is not compressed.
func (c *Config) isPlain() bool {
	server := &c.ServerConfig
	return !server.Auth.HasValue() && !server.CORS.HasValue() && len(server.ResponseHeaders) == 0 && len(server.Middlewares) == 0
}

// decompresses reports whether bodies of this Content-Encoding are read.
func (c *Config) decompresses(encoding string) bool {
	return slices.Contains(c.ServerConfig.CompressionAlgorithms, encoding)
}

// Validate implements confmap.Validator.
func (i Idempotency) Validate() error {
	switch {
	case i.Retention <= 0:
		return fmt.Errorf("retention: %s: write how long a key is remembered, such as 168h", i.Retention)
	case i.MaxKeys < 1 || i.MaxKeys > 10_000_000:
		return fmt.Errorf("max_keys: %d: write 1 to 10000000", i.MaxKeys)
	}
	return nil
}

// Validate implements confmap.Validator.
func (s Signatures) Validate() error {
	switch {
	case s.Retention < time.Hour:
		return fmt.Errorf("retention: %s: write how long an installation's key is remembered after its last report, at least 1h, such as 720h", s.Retention)
	case s.MaxKeys < 1 || s.MaxKeys > 10_000_000:
		return fmt.Errorf("max_keys: %d: write 1 to 10000000", s.MaxKeys)
	}
	return nil
}

// Validate implements confmap.Validator.
func (r Rate) Validate() error {
	switch {
	case r.Requests < 1:
		return fmt.Errorf("requests: %d: write at least 1, or remove the limit", r.Requests)
	case r.Per < time.Duration(r.Requests):
		return fmt.Errorf("per: %s: write the time in which the requests are accepted, such as 1h", r.Per)
	}
	return nil
}
