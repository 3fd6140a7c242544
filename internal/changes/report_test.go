// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/internal/changes"
)

func between(t *testing.T, uris ...string) []changes.Change {
	t.Helper()
	settings := confmap.ResolverSettings{DefaultScheme: "env", ProviderFactories: []confmap.ProviderFactory{
		apps.NewFactory(), envprovider.NewFactory(), yamlprovider.NewFactory(),
	}}
	before, err := changes.Merged(t.Context(), settings, uris[:1])
	require.NoError(t, err)
	after, err := changes.Merged(t.Context(), settings, uris)
	require.NoError(t, err)
	found, err := changes.Between(before, after)
	require.NoError(t, err)
	for i := range found {
		assert.NotEmpty(t, found[i].Key)
		found[i].Key = ""
	}
	return found
}

func TestWhatAFileChanges(t *testing.T) {
	const rules = "yaml:processors: {anonymizer: {"
	for name, c := range map[string]struct {
		site string
		want []changes.Change
	}{
		"nothing": {"yaml:processors: {anonymizer: {metrics: {explorer.query_log.count: {round: {to: 100}}}}}", nil},
		"rounder": {rules + "metrics: {explorer.query_log.count: {round: {to: 1000}}}}}", []changes.Change{
			{Kind: "rounder", What: "STARTUP_STATS.total_log_count (explorer.query_log.count)", How: "rounded to 100, half to even → rounded to 1000, half to even"},
		}},
		"finer": {rules + "metrics: {explorer.query_log.count: {round: {to: 10}}}}}", []changes.Change{
			{Kind: "finer", What: "STARTUP_STATS.total_log_count (explorer.query_log.count)", How: "rounded to 100, half to even → rounded to 10, half to even"},
		}},
		"exact, though it is called rounding": {rules + "metrics: {explorer.query_log.count: {round: {to: 1}}}}}", []changes.Change{
			{Kind: "exact", What: "STARTUP_STATS.total_log_count (explorer.query_log.count)", How: "rounded to 100, half to even → rounded to 1, half to even, then kept exact. Leaves exact."},
		}},
		"times": {rules + "timestamps: {truncate: 1h}}}", []changes.Change{
			{Kind: "finer", What: "the time of every value", How: "cut to 24h0m0s → cut to 1h0m0s"},
		}},
		"exact times": {rules + "timestamps: {truncate: 0s}}}", []changes.Change{
			{Kind: "finer", What: "the time of every value", How: "cut to 24h0m0s → exact"},
		}},
		"gone": {rules + "resource: {service.version: null}}}", []changes.Change{
			{Kind: "gone", What: "STARTUP_STATS.version (service.version)", How: "kept exact → does not leave"},
		}},
		"new": {rules + "resource: {os.type: {keep: true}}}}", []changes.Change{
			{Kind: "new", What: "os.type", How: "does not leave → kept exact"},
		}},
		"a text that is cut": {rules + "resource: {service.version: {keep: null, version: minor}}}}", []changes.Change{
			{Kind: "rounder", What: "STARTUP_STATS.version (service.version)", How: "kept exact → cut to the minor version"},
		}},
		"more often": {"yaml:exporters: {collect: {stats: {STARTUP_STATS: {interval: 24h}}}}", []changes.Change{
			{Kind: "more often", What: "STARTUP_STATS", How: "every 168h0m0s at most → every 24h0m0s at most"},
		}},
		"less often, without a field": {"yaml:exporters: {collect: {stats: {STARTUP_STATS: {interval: 30d, value: {debug: null}}}}}", []changes.Change{
			{Kind: "less often", What: "STARTUP_STATS", How: "every 168h0m0s at most → every 720h0m0s at most"},
			{Kind: "gone", What: "STARTUP_STATS.debug", How: "the field does not leave"},
		}},
		"a report less": {"yaml:exporters: {collect: {stats: {QUERY_RUN: null}}}", []changes.Change{
			{Kind: "gone", What: "QUERY_RUN", How: "the report does not leave"},
		}},
		"a version": {"app:5.1", []changes.Change{
			{Kind: "otherwise", What: "STARTUP_STATS.unique_connection_count (explorer.query.connections)", How: "is read in another way"},
			{Kind: "otherwise", What: "STARTUP_STATS.version (service.version)", How: "is read in another way"},
			{Kind: "setting", What: "receivers::appusage::mismatches::sql-explorer 5.3", How: "is set"},
		}},
		"no anonymizer": {"yaml:service: {pipelines: {metrics: {processors: []}}}", []changes.Change{
			{Kind: "setting", What: "service::pipelines::metrics::processors", How: "has another value"},
		}},
		"a secret header": {"yaml:exporters: {collect: {headers: {authorization: s3cret}}}", []changes.Change{
			{Kind: "setting", What: "exporters::collect::headers::authorization", How: "is set"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, between(t, "app:sql-explorer", c.site))
		})
	}
}

// No overlay that promises less makes a field exact, finer or new.
func TestStrictSendsLess(t *testing.T) {
	for _, profile := range []string{"app:sql-explorer", "app:sql-explorer-relay"} {
		found := between(t, profile, "app:strict")
		assert.NotEmpty(t, found)
		for _, change := range found {
			assert.NotContains(t, []string{"exact", "finer", "new", "more often"}, change.Kind, change)
		}
	}
}
