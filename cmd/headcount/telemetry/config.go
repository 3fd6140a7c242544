// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/configtelemetry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/contrib/otelconf/v0.3.0"
	"go.uber.org/zap/zapcore"
)

// Config is service::telemetry.
type Config struct {
	Logs    LogsConfig    `mapstructure:"logs"`
	Metrics MetricsConfig `mapstructure:"metrics"`
	Traces  TracesConfig  `mapstructure:"traces,omitempty"`
	// Resource is what the program says of itself with all of them.
	Resource ResourceConfig `mapstructure:"resource,omitempty"`
}

// LogsConfig says what is logged, and where to.
type LogsConfig struct {
	Level              zapcore.Level   `mapstructure:"level"`
	Development        bool            `mapstructure:"development,omitempty"`
	Encoding           string          `mapstructure:"encoding"`
	DisableCaller      bool            `mapstructure:"disable_caller,omitempty"`
	DisableStacktrace  bool            `mapstructure:"disable_stacktrace,omitempty"`
	DisableZapResource bool            `mapstructure:"disable_zap_resource,omitempty"`
	Sampling           *SamplingConfig `mapstructure:"sampling"`
	OutputPaths        []string        `mapstructure:"output_paths"`
	ErrorOutputPaths   []string        `mapstructure:"error_output_paths"`
	InitialFields      map[string]any  `mapstructure:"initial_fields,omitempty"`
	// Processors export the log as well.
	Processors []otelconf.LogRecordProcessor `mapstructure:"processors,omitempty"`
}

// SamplingConfig says how many equal lines are logged: of each Tick the first Initial, then each Thereafter-th.
type SamplingConfig struct {
	Enabled    bool          `mapstructure:"enabled"`
	Tick       time.Duration `mapstructure:"tick"`
	Initial    int           `mapstructure:"initial"`
	Thereafter int           `mapstructure:"thereafter"`
}

// MetricsConfig says which metrics of the program itself are told, and by which readers.
type MetricsConfig struct {
	Level                  configtelemetry.Level `mapstructure:"level"`
	otelconf.MeterProvider `mapstructure:",squash"`
}

// TracesConfig says which traces of the program itself are told; without a processor none.
type TracesConfig struct {
	Level                   configtelemetry.Level `mapstructure:"level"`
	Propagators             []string              `mapstructure:"propagators"`
	otelconf.TracerProvider `mapstructure:",squash"`
}

// ResourceConfig holds attributes, by the present schema or as a map; a null in the map leaves a default out.
type ResourceConfig struct {
	otelconf.Resource `mapstructure:",squash"`
	Inline            map[string]any `mapstructure:",remain"`
}

// Validate implements confmap.Validator.
func (c *Config) Validate() error {
	if c.Metrics.Level != configtelemetry.LevelNone && len(c.Metrics.Readers) == 0 {
		return errors.New("metrics::readers: there is none: write one, or metrics::level: none")
	}
	if c.Metrics.Views != nil && c.Metrics.Level != configtelemetry.LevelDetailed {
		return fmt.Errorf("metrics::views: they hold at metrics::level: detailed alone, not at %s", strings.ToLower(c.Metrics.Level.String()))
	}
	for _, name := range c.Traces.Propagators {
		if _, known := propagators[name]; !known {
			return fmt.Errorf("traces::propagators: %q is not known: write tracecontext", name)
		}
	}
	return nil
}

// Validate implements confmap.Validator.
func (c *ResourceConfig) Validate() error {
	if c.AttributesList != nil {
		return errors.New("attributes_list is not supported: write attributes")
	}
	if len(c.Attributes) > 0 && len(c.Inline) > 0 {
		return errors.New("attributes stand beside others: write all of them under attributes")
	}
	for key, value := range c.Inline {
		switch value.(type) {
		case nil, string:
		default:
			if key == "detection/development" {
				return errors.New("detection/development: this program detects nothing about where it runs: write attributes")
			}
			return fmt.Errorf("%s: %v is no text: put it in quotation marks, or write null", key, value)
		}
	}
	return nil
}

// Unmarshal implements confmap.Unmarshaler: what the schema's parts need and the default has, or people leave out.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	if err := conf.Unmarshal(c); err != nil {
		return err
	}
	for _, reader := range c.Metrics.Readers {
		if reader.Pull != nil && reader.Pull.Exporter.Prometheus != nil {
			plainNames(reader.Pull.Exporter.Prometheus)
		}
	}
	c.eachEndpoint(func(endpoint **string, insecure *bool) {
		if *endpoint == nil || strings.Contains(**endpoint, "://") {
			return
		}
		scheme := "https://"
		if insecure != nil && *insecure {
			scheme = "http://"
		}
		*endpoint = new(scheme + **endpoint)
	})
	return nil
}

// plainNames lets the metrics have the names that a Collector's have, unless they are asked for otherwise.
func plainNames(p *otelconf.Prometheus) {
	for _, without := range []**bool{&p.WithoutScopeInfo, &p.WithoutUnits, &p.WithoutTypeSuffix} {
		if *without == nil {
			*without = new(true)
		}
	}
}

// eachEndpoint visits each place that is exported to.
func (c *Config) eachEndpoint(visit func(endpoint **string, insecure *bool)) {
	for _, reader := range c.Metrics.Readers {
		if reader.Periodic != nil && reader.Periodic.Exporter.OTLP != nil {
			visit(&reader.Periodic.Exporter.OTLP.Endpoint, reader.Periodic.Exporter.OTLP.Insecure)
		}
	}
	otlp := func(exporter *otelconf.OTLP) {
		if exporter != nil {
			visit(&exporter.Endpoint, exporter.Insecure)
		}
	}
	for _, processor := range c.Traces.Processors {
		if processor.Batch != nil {
			otlp(processor.Batch.Exporter.OTLP)
		}
		if processor.Simple != nil {
			otlp(processor.Simple.Exporter.OTLP)
		}
	}
	for _, processor := range c.Logs.Processors {
		if processor.Batch != nil {
			otlp(processor.Batch.Exporter.OTLP)
		}
		if processor.Simple != nil {
			otlp(processor.Simple.Exporter.OTLP)
		}
	}
}

// Marshal implements confmap.Marshaler: who prints the configuration sees no secret in a header.
func (c Config) Marshal(conf *confmap.Conf) error {
	type plain Config
	if err := conf.Marshal(plain(c)); err != nil {
		return err
	}
	all := conf.ToStringMap()
	redactHeaders(all)
	return conf.Marshal(all)
}

func redactHeaders(part any) {
	switch part := part.(type) {
	case []any:
		for _, element := range part {
			redactHeaders(element)
		}
	case map[string]any:
		for key, value := range part {
			switch key {
			case "headers_list":
				part[key] = redacted
			case "headers":
				headers, _ := value.([]any)
				for _, header := range headers {
					if pair, is := header.(map[string]any); is {
						pair["value"] = redacted
					}
				}
			default:
				redactHeaders(value)
			}
		}
	}
}

const redacted = "[REDACTED]"
