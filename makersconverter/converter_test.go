// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package makersconverter

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

func merged(t *testing.T, texts ...string) *confmap.Conf {
	t.Helper()
	all := confmap.New()
	for _, text := range texts {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(text))
		require.NoError(t, err)
		part, err := retrieved.AsConf()
		require.NoError(t, err)
		require.NoError(t, all.Merge(part))
	}
	return all
}

const profile = `
extensions: {headcount: {mode: local}, file_storage: {directory: /app}}
receivers:
  appusage:
    sources: {db: {database: {url_env: DATABASE_URL}}}
    resource:
      service.name: {value: shop}
    metrics:
      shop.orders: {unit: "{order}", source: db, count: {table: orders}}
      shop.visits: {unit: "{order}", source: db, count_per: {table: orders, column: who}}
      shop.seats: {unit: "{seat}", source: db, count: {table: seats}}
      plan.users: {unit: "{user}", source: db, count: {table: users}, by: plan}
processors:
  anonymizer:
    metrics:
      shop.orders: {bucket: {bounds: [1, 11, 101]}}
      shop.seats: {one_bit: {max: 1000, zero: 0.1, flip: 0.2}}
      plan.*: {clamp: {max: 100}, round: {to: 5}}
      plan.tries: {one_bit: {max: 100}}
      shop.pages: {bucket: {}}
    attributes: {plan: {allow: [free, pro]}}
    resource:
      service.version: {keep: true}
      db.system.name: {allow: [sqlite, postgresql, mysql]}
      shop.beta: {randomized_response: {f: 0.25}}
exporters:
  collect:
    endpoint: https://collect.example.com/stat
    stats:
      WEEKLY:
        interval: 7d
        description: We ask how large shops are.
        value:
          orders: {metric: shop.orders, description: Orders of all time.}
          visits: {metric: shop.visits}
          seats: {metric: shop.seats}
          users: {metric: plan.users, by: plan}
          pages: {metric: shop.pages}
          tries: {metric: plan.tries, by: plan}
          version: {resource: service.version, description: Which version runs.}
      DAILY: {interval: 24h, pace: events, value: {db: {resource: db.system.name}, beta: {resource: shop.beta}, id: {resource: service.instance.id}}}
service:
  extensions: [headcount, file_storage]
  pipelines:
    metrics: {receivers: [appusage], processors: [anonymizer], exporters: [collect]}
`

func overlay(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../apps/makers.yaml")
	require.NoError(t, err)
	return string(text)
}

func TestMakersSideOfAProfile(t *testing.T) {
	conf := merged(t, profile, overlay(t), "connectors: {fleet: {metrics: {shop.orders: {bounds: [1, 51]}}}}")
	require.NoError(t, converter{}.Convert(t.Context(), conf))
	all := conf.ToStringMap()
	assert.NotContains(t, all, marker)
	assert.NotContains(t, all["receivers"], "appusage")
	assert.NotContains(t, all["exporters"], "collect")
	assert.NotContains(t, all["extensions"], "headcount")
	assert.Empty(t, all["processors"])
	assert.Equal(t, []any{"file_storage"}, all["service"].(map[string]any)["extensions"])
	assert.Len(t, all["service"].(map[string]any)["pipelines"], 2)

	assert.Equal(t, map[string]any{
		"storage": "file_storage", "min_installations": 10, "page": map[string]any{"title": "How shop is used", "introduction": "We ask how large shops are.", "server": map[string]any{"endpoint": "${env:HEADCOUNT_FLEET_PAGE:-127.0.0.1:4391}"}}, "window": "336h0m0s",
		"metrics": map[string]any{
			"shop.orders": map[string]any{"unit": "{order}", "description": "Orders of all time.", "bounds": []any{1, 51}, "clamp": map[string]any{"min": 1, "max": 101}, "window": "336h0m0s"},
			"shop.visits": map[string]any{"unit": "{order}", "histogram": true, "window": "336h0m0s"},
			"shop.seats":  map[string]any{"unit": "{seat}", "one_bit": map[string]any{"max": 1000, "zero": .1, "flip": .2}, "window": "336h0m0s"},
			"plan.users":  map[string]any{"unit": "{user}", "by": "plan", "limit": 3, "clamp": map[string]any{"max": int64(100)}, "window": "336h0m0s"},
			"plan.tries":  map[string]any{"by": "plan", "limit": 3, "one_bit": map[string]any{"max": 100}, "window": "336h0m0s"},
			"shop.pages":  map[string]any{"bounds": []any{int64(0), int64(1), int64(6), int64(21), int64(101), int64(501), int64(2001)}, "clamp": map[string]any{"min": int64(0), "max": int64(2001)}, "window": "336h0m0s"},
		},
		"resource": map[string]any{
			"service.version": map[string]any{"description": "Which version runs.", "window": "336h0m0s"},
			"db.system.name":  map[string]any{"limit": 4, "window": "48h0m0s"},
			"shop.beta":       map[string]any{"randomized_response": map[string]any{"f": .25}, "window": "48h0m0s"},
		},
	}, all["connectors"].(map[string]any)["fleet"])

	for _, part := range []struct {
		at  string
		cfg any
	}{{"receivers::collect", collectreceiver.NewFactory().CreateDefaultConfig()}, {"connectors::fleet", fleetconnector.NewFactory().CreateDefaultConfig()}} {
		section, err := conf.Sub(part.at)
		require.NoError(t, err)
		endpoint := section.ToStringMap()
		delete(endpoint, "endpoint") // of the environment
		require.NoError(t, confmap.NewFromStringMap(endpoint).Unmarshal(part.cfg))
		require.NoError(t, confmap.Validate(part.cfg), part.at)
	}
}

func TestMakersWithoutAProfile(t *testing.T) {
	assert.ErrorContains(t, converter{}.Convert(t.Context(), merged(t, overlay(t))), "no profile comes before it")
}

func TestOtherConfigurationsStay(t *testing.T) {
	conf := merged(t, profile)
	before := conf.ToStringMap()
	require.NoError(t, converter{}.Convert(t.Context(), conf))
	assert.Equal(t, before, conf.ToStringMap())
}

// A rule of any pattern that the anonymizer knows is found, and so are groups by two attributes.
func TestMakersOfPatternsAndPairs(t *testing.T) {
	app, err := appOf(merged(t, `
processors: {anonymizer: {metrics: {"shop.*": {round: {to: 5}}, "shop.*.seats": {one_bit: {max: 50}}}, attributes: {plan: {allow: [free, pro]}, "reg*": {allow: [eu, us], other: other}}}}
exporters: {collect: {stats: {WEEKLY: {value: {seats: {metric: shop.paid.seats}, orders: {metric: shop.orders}, users: {metric: shop.users, by: "plan, region"}}}}}}
`).ToStringMap())
	require.NoError(t, err)
	fleet := section{}
	app.describe(fleet)
	assert.Equal(t, section{
		"shop.paid.seats": section{"one_bit": section{"max": 50}},
		"shop.orders":     section{},
		"shop.users":      section{"by": "plan, region", "limit": 9},
	}, fleet["metrics"])
}
