// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

// Option configures an [Exporter]. What an option says holds over what a profile says.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

// profile is read before all other options.
type profile []byte

func (profile) apply(*config) {}

// WithProfile reads a profile, YAML as the Collector reads it: the sections
// `processors: anonymizer:` and `exporters: collect:`, and, unless the exporter says
// `consent: none`, mode and environment of `extensions: headcount:`.
// ${env:NAME} and ${env:NAME:-otherwise} are expanded once, by New. Other sections are
// for a Collector and are passed over. Several profiles are merged in their order:
// maps are merged, null removes.
//
// In `collect`, these keys are accepted and mean nothing here: sending_queue,
// storage, require_anonymizer, keepalive; in `anonymizer` storage and ledger; in
// `retry_on_failure` enabled and max_elapsed_time, because a report that failed is
// built anew. tls, auth and dry_run are refused: there are options for them.
func WithProfile(yaml []byte) Option { return profile(yaml) }

// WithEndpoint sets the URL of the collect endpoint, such as
// https://collect.example.com/stat. It has no default. https is required, except
// towards 127.0.0.0/8, ::1 and localhost.
func WithEndpoint(url string) Option {
	return option(func(c *config) { c.collect.Endpoint = url })
}

// WithInsecure permits http to hosts beyond this machine, where reports can be read
// and changed on their way. The default is to refuse it.
func WithInsecure() Option {
	return option(func(c *config) { c.collect.AllowInsecure = true })
}

// WithHeaders adds headers to each request, over those of the same name in a
// profile. The default is none. Content-Type and Idempotency-Key are the exporter's own.
func WithHeaders(headers map[string]string) Option {
	return option(func(c *config) {
		for name, value := range headers {
			c.collect.Headers.Set(name, configopaque.String(value))
		}
		slices.SortFunc(c.collect.Headers, func(a, b configopaque.Pair) int { return cmp.Compare(a.Name, b.Name) })
	})
}

// WithTLSClientConfig sets how https connections are made. The default is Go's own.
func WithTLSClientConfig(cfg *tls.Config) Option {
	return option(func(c *config) { c.tls = cfg })
}

// WithHTTPClient has the client's transport make the requests; its timeout, cookies
// and redirects are not used, and its connections are left to their owner. The
// default is a transport like http.DefaultTransport, whose connections are closed
// after each report. A transport that is instrumented by otelhttp counts each
// report, and sends a traceparent.
func WithHTTPClient(client *http.Client) Option {
	return option(func(c *config) { c.client = client })
}

// WithTimeout bounds one request, from its start to the end of its answer. The
// default is 5 s. Whatever it is, an Export ends with its context, which is the
// reader's own timeout (30 s by default).
func WithTimeout(timeout time.Duration) Option {
	return option(func(c *config) { c.collect.Timeout = timeout })
}

// RetryConfig says how long nothing is tried after a failure.
type RetryConfig struct {
	// InitialInterval is the wait after the first failure (default 5 s). Each
	// further one waits half as long again, give or take half.
	InitialInterval time.Duration
	// MaxInterval is the longest wait (default 1 h).
	MaxInterval time.Duration
}

// WithRetry sets how long nothing is tried after a failure. There is no end to it:
// a report that was not accepted is built anew from later values. A Retry-After of
// the endpoint, up to 24 h, is heeded where it is longer.
func WithRetry(retry RetryConfig) Option {
	return option(func(c *config) {
		c.collect.RetryOnFailure.InitialInterval = retry.InitialInterval
		c.collect.RetryOnFailure.MaxInterval = retry.MaxInterval
	})
}

// WithStateDir names the directory that remembers, in the format of the Collector's
// file_storage, when each stat was last accepted, the generated id of an
// installation that has none of its own, and what sticky rules have to remember. It
// is made with the permissions 0700 by the first report, and has no default: choose
// one of your own, which several processes of one installation may share.
func WithStateDir(dir string) Option {
	return option(func(c *config) { c.stateDir = dir })
}

// WithConsent asks the program's own switch before every look at what is due and
// before every request: it should answer at once. The strictest of all signals
// holds: this one, the profile's, and those of the environment, which are
// DO_NOT_TRACK (truthy: off), HEADCOUNT_MODE (off, local or on) and those that the
// profile adds. On sends; local and off send nothing and open nothing. The
// default is on.
func WithConsent(mode func() trust.Mode) Option {
	return option(func(c *config) { c.consent = mode })
}

// WithSignature has each report signed with a key of its installation's id, so that
// nobody else can report under it. The key's secret lies in the state directory: it is
// for ids that are lost together with that, a pseudonym or a generated id.
func WithSignature() Option {
	return option(func(c *config) { c.collect.Sign = true })
}

// Field is one key of a stat's value, and where it comes from: a metric or a resource attribute.
type Field struct {
	// Key is its name in the report.
	Key string
	// Metric is the name of an instrument with one series, or, with By, one per group.
	Metric string
	// By is the attribute whose values become the keys of an object: {"search": 20, "export": 5}.
	By string
	// Resource is the name of a resource attribute.
	Resource string
	// Optional leaves the key out where there is nothing; without it, a metric that
	// was never recorded leaves the stat incomplete, and it is not sent.
	Optional bool
	// Default is the metric's number where it was never recorded and others of the stat were; nil for none.
	Default *float64
}

// WithStat adds a report: at most one is accepted in each interval, such as
// 7*24*time.Hour. The first leaves as soon as it is complete. Without any stat, in
// options or profile, all that passes the rules leaves as one stat USAGE every 24 h.
func WithStat(name string, interval time.Duration, fields ...Field) Option {
	return option(func(c *config) {
		value := conf.Map[mapping.Origin]{}
		for _, f := range fields {
			value[f.Key] = mapping.Origin{Metric: f.Metric, By: f.By, Resource: f.Resource, Optional: f.Optional, Default: f.Default}
		}
		if c.collect.Stats == nil {
			c.collect.Stats = mapping.Definitions{}
		}
		c.collect.Stats[name] = mapping.Definition{Interval: interval, Value: value}
	})
}

// WithRule lets a metric through, by its name or a pattern such as shop.orders.*, and says what becomes of its numbers.
func WithRule(metric string, r rule.Number) Option {
	return option(func(c *config) { add(&c.anonymizer.Metrics, metric, r) })
}

// WithAttributeRule lets an attribute of the metrics' points through, and says what becomes of its values.
func WithAttributeRule(attribute string, r rule.Text) Option {
	return option(func(c *config) { add(&c.anonymizer.Attributes, attribute, r) })
}

// WithResourceRule lets a resource attribute through, and says what becomes of its
// value. service.instance.id needs one: every stat carries it. Where the resource has none,
// a random one is generated and kept in the state directory.
func WithResourceRule(attribute string, r rule.Text) Option {
	return option(func(c *config) { add(&c.anonymizer.Resource, attribute, r) })
}

func add[R any](rules *conf.Map[R], name string, rule R) {
	if *rules == nil {
		*rules = conf.Map[R]{}
	}
	(*rules)[name] = rule
}
