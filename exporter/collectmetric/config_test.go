// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"crypto/tls"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

const shopProfile = `
processors:
  anonymizer:
    ledger: headcount
    storage: file_storage
    metrics: {shop.orders: {round: {to: 10}}}
    resource: {service.instance.id: {keep: true}}
exporters:
  collect:
    endpoint: ${env:SHOP_COLLECT_URL:-https://collect.example.com/stat}
    headers: {X-Shop: a}
    sending_queue: {storage: file_storage}
    retry_on_failure: {initial_interval: 1s}
    storage: file_storage
    consent: headcount
    require_anonymizer: true
    stats:
      WEEKLY: {interval: 168h, value: {orders: {metric: shop.orders}}}
receivers:
  otlp: {protocols: {http: {endpoint: "${file:/a/file/that/is/not/there}"}}}
`

func configured(t *testing.T, options ...Option) *config {
	t.Helper()
	c, err := newConfig(context.Background(), options)
	require.NoError(t, err)
	return c
}

func TestAProfileIsReadAsTheCollectorReadsIt(t *testing.T) {
	t.Setenv("SHOP_COLLECT_URL", "")
	require.NoError(t, os.Unsetenv("SHOP_COLLECT_URL"))
	c := configured(t, WithProfile([]byte(shopProfile)), WithStateDir("state"))
	assert.Equal(t, "https://collect.example.com/stat", c.collect.Endpoint)
	assert.Equal(t, 5*time.Second, c.collect.Timeout)
	assert.Equal(t, time.Second, c.collect.RetryOnFailure.InitialInterval)
	assert.Equal(t, time.Hour, c.collect.RetryOnFailure.MaxInterval)
	assert.Equal(t, week, c.collect.Stats["WEEKLY"].Interval)
	assert.Equal(t, int64(10), c.anonymizer.Metrics["shop.orders"].Round.To)
	assert.Equal(t, 24*time.Hour, c.anonymizer.Timestamps.Truncate, "the defaults are the Collector's")

	t.Setenv("SHOP_COLLECT_URL", "https://other.example.com")
	assert.Equal(t, "https://other.example.com", configured(t, WithProfile([]byte(shopProfile)), WithStateDir("state")).collect.Endpoint)
}

func TestProfilesAreMergedAndOptionsHoldOverThem(t *testing.T) {
	c := configured(t,
		WithEndpoint("https://third.example.com"), // whatever the order
		WithHeaders(map[string]string{"X-Shop": "b", "Authorization": "c"}),
		WithProfile([]byte(shopProfile)),
		WithProfile([]byte(`
processors: {anonymizer: {metrics: {shop.orders: {round: null, keep: true}, shop.users: {round: {to: 5}}}}}
exporters: {collect: {stats: {WEEKLY: null, USERS: {interval: 24h, value: {users: {metric: shop.users}}}}}}
`)),
		WithRule("shop.users", rule.Number{Round: &rule.Round{To: 50}}),
		WithTimeout(time.Second),
		WithRetry(RetryConfig{InitialInterval: time.Minute, MaxInterval: 2 * time.Minute}),
		WithStateDir("state"),
	)
	assert.Equal(t, "https://third.example.com", c.collect.Endpoint)
	assert.True(t, c.anonymizer.Metrics["shop.orders"].Keep)
	assert.Nil(t, c.anonymizer.Metrics["shop.orders"].Round)
	assert.Equal(t, int64(50), c.anonymizer.Metrics["shop.users"].Round.To)
	assert.Equal(t, []string{"USERS"}, c.collect.Stats.Names())
	assert.Equal(t, time.Second, c.collect.Timeout)
	assert.Equal(t, 2*time.Minute, c.collect.RetryOnFailure.MaxInterval)
	got := map[string]string{}
	for name, value := range c.collect.Headers.Iter {
		got[name] = string(value)
	}
	assert.Equal(t, map[string]string{"X-Shop": "b", "Authorization": "c"}, got)
}

func TestTheExampleOfAMakersOwnProfile(t *testing.T) {
	own, err := os.ReadFile("../../testdata/valid/own-app.yaml")
	require.NoError(t, err)
	c := configured(t, WithProfile(own), WithStateDir("state"))
	assert.Equal(t, []string{"WEEKLY"}, c.collect.Stats.Names())
	assert.Equal(t, "on", c.operators[0].Mode)
}

// Every error names the key or option, and what to write instead, and repeats no secret.
func TestBadInput(t *testing.T) {
	edit := func(old, replacement string) []Option {
		require.Contains(t, shopProfile, old)
		return []Option{WithProfile([]byte(strings.Replace(shopProfile, old, replacement, 1)))}
	}
	t.Setenv("SHOP_COLLECT_URL", "https://collect.example.com")
	url := `${env:SHOP_COLLECT_URL:-https://collect.example.com/stat}`
	for name, tt := range map[string]struct {
		options []Option
		want    string
	}{
		"no endpoint":           {edit("endpoint: "+url, "timeout: 5s"), "exporters::collect::endpoint: missing: write the URL"},
		"http":                  {edit(url, "http://collect.example.com"), "exporters::collect::endpoint: http to collect.example.com can be read"},
		"a password":            {edit(url, "https://a:SECRET@collect.example.com"), "exporters::collect::endpoint: the URL of collect.example.com holds"},
		"no YAML":               {[]Option{WithProfile([]byte("processors: [SECRET"))}, "WithProfile: "},
		"no sections":           {[]Option{WithProfile([]byte("SECRET"))}, "profile 1 is not YAML with sections"},
		"an unknown key":        {edit("storage: file_storage\n    consent", "storge: file_storage\n    consent"), "WithProfile: exporters::collect: "},
		"an unknown rule":       {edit("round: {to: 10}", "rond: {to: 10}"), "processors::anonymizer: "},
		"a bad rule":            {edit("round: {to: 10}", "round: {to: -1}"), "processors::anonymizer::metrics::shop.orders"},
		"no interval":           {edit("interval: 168h, ", ""), "exporters::collect::stats::WEEKLY::interval: missing"},
		"an empty field":        {edit("{metric: shop.orders}", "{}"), "exporters::collect::stats::WEEKLY::value::orders: neither metric nor resource"},
		"no stat is left":       {append(edit("", ""), WithProfile([]byte("exporters: {collect: {stats: null}}"))), "exporters::collect::stats: holds no stat"},
		"no rule for a metric":  {edit("{metric: shop.orders}", "{metric: shop.users}"), `exporters::collect::stats::WEEKLY::value::orders: metric "shop.users" has no rule that lets it through: write one under processors::anonymizer::metrics, or by WithRule`},
		"no rule for a group":   {edit("{metric: shop.orders}", "{metric: shop.orders, by: plan}"), `attribute "plan" has no rule that lets it through: write one under processors::anonymizer::attributes, or by WithAttributeRule`},
		"no rule for resources": {edit("{metric: shop.orders}", "{resource: os.type}"), `resource attribute "os.type" has no rule that lets it through: write one under processors::anonymizer::resource, or by WithResourceRule`},
		"no rule for the id":    {edit("{service.instance.id: {keep: true}}", "{}"), "processors::anonymizer::resource::service.instance.id: missing"},
		"tls":                   {edit("consent: headcount", "tls: {ca_file: SECRET}"), "exporters::collect::tls: not read in a Go program: use WithTLSClientConfig"},
		"auth":                  {edit("consent: headcount", "auth: {authenticator: SECRET}"), "exporters::collect::auth: not read in a Go program: use WithHeaders"},
		"dry_run":               {edit("consent: headcount", "dry_run: true"), "exporters::collect::dry_run: not read in a Go program: use WithConsent"},
		"cookies":               {edit("consent: headcount", "cookies: {}"), "exporters::collect::cookies: "},
		"an own header":         {edit("X-Shop: a", "idempotency-key: SECRET"), "exporters::collect::headers::idempotency-key: the exporter sets this header itself"},
		"a bad proxy":           {edit("consent: headcount", `proxy_url: "http://a:SECRET@%zz"`), "exporters::collect::proxy_url: not a URL"},
		"no time":               {edit("consent: headcount", "timeout: 0s"), "exporters::collect::timeout: 0s would wait for ever"},
		"a bad mode":            {edit("receivers:", "extensions: {headcount: {mode: maybe}}\nreceivers:"), `extensions::headcount::mode: "maybe" is no mode`},
		"a bad signal":          {edit("receivers:", "extensions: {headcount: {environment: {A: maybe}}}\nreceivers:"), `extensions::headcount::environment::A: "maybe" is no way to read a variable`},
		"two clients":           {append(edit("", ""), WithHTTPClient(http.DefaultClient), WithTLSClientConfig(&tls.Config{})), "WithTLSClientConfig: WithHTTPClient brings its own"}, //nolint:gosec // nothing is connected
		"TLS without https":     {append(edit(url, "http://127.0.0.1:4390/stat"), WithTLSClientConfig(&tls.Config{})), "WithTLSClientConfig: the endpoint has no TLS"},                //nolint:gosec // nothing is connected
		"no state":              {append(edit("", ""), WithStateDir("")), "WithStateDir: missing: name a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(t.Context(), append([]Option{WithStateDir("state")}, tt.options...)...)
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "SECRET")
			assert.Regexp(t, "^collectmetric: ", err.Error())
		})
	}
	assert.NoDirExists(t, "state", "New opens nothing")
}
