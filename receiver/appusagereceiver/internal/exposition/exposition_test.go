// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

const prometheus = `# HELP app_users Users.
# TYPE app_users gauge
app_users{plan="free"} 40
app_users{plan="pro",region="eu"} 5
app_users{plan="pro",region="us"} 7
# TYPE app_logins_total counter
app_logins_total 1.204e+03
app_ratio 0.25
app_nan NaN
app_inf +Inf
# TYPE app_seconds histogram
app_seconds_bucket{le="1"} 2
app_seconds_bucket{le="+Inf"} 3
app_seconds_sum 4.5
app_seconds_count 3
app_timed 9 1395066363000
`

// odd is what stands in expositions of real programs besides.
const odd = `# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} 0.1
rpc_seconds{quantile="0.9"} 0.7
rpc_seconds_sum 9
rpc_seconds_count 40
# TYPE app_bytes histogram
app_bytes_bucket{le="1"} 2
app_bytes_bucket{le="+Inf"} 3
app_users{plan="free"} 40
app_users{plan="pro"} 7
app_users{plan="free"} 40
app_seats{plan="free"} 40
app_seats{plan="free"} 41
app_timed{plan="free"} 8 1395066363000
app_timed{plan="free"} 9 1395066364000
app_timed{plan="free"} 7 1395066362000
`

const openMetrics = `# TYPE app_logins counter
# UNIT app_logins logins
app_logins_total{plan="free"} 17.0 # {trace_id="x"} 1.0 1520879607.789
app_logins_created{plan="free"} 1520872607.123
# TYPE app_users gauge
app_users 57
# EOF
`

// untyped is what a program exposes whose author wrote no TYPE.
const untyped = `app_bytes_bucket{le="1"} 2
app_bytes_bucket{le="+Inf"} 3
rpc_seconds{quantile="0.5"} 0.1
rpc_seconds{quantile="0.9"} 0.7
`

// withTotal is as Miniflux and JupyterHub expose it: the sum of the others stands among them, or windows that hold each other.
const withTotal = `app_feeds{status="disabled"} 1
app_feeds{status="enabled"} 2
app_feeds{status="total"} 3
app_seats{of="all"} 3
app_active{period="24h"} 3
app_active{period="30d"} 7
app_users{org="a"} 5
app_users{org="b"} 7
app_users 12
app_posts{by="a",kind="new"} 1
app_posts{by="a",kind="old"} 2
app_posts{by="any",kind="new"} 4
app_posts{by="any",kind="old"} 2
app_posts{by="b",kind="new"} 3
app_posts{by="c",kind="new"} 0
app_hits{route="/a"} 5
app_hits{route="/b"} 7
app_hits{route="*"} 3
app_members{plan="free"} 40
app_members{plan="pro"} 17
app_members{plan="all plans"} 57
app_alive{active="24h"} 3
app_alive{active="30 days"} 9
app_kept{for="7d"} 9
app_kept{for="30d"} 3
`

// processes is as prometheus_client 0.22.1 exposes a gauge of two workers that each counted the users in the database,
// and others their counters.
const processes = `# HELP app_users Users
# TYPE app_users gauge
app_users{pid="19031"} 57.0
app_users{pid="19032"} 57.0
# HELP app_logins_total Logins
# TYPE app_logins_total counter
app_logins_total{pid="19031"} 3.0
app_logins_total{pid="19032"} 4.0
`

const openGauges = `# TYPE app_ages gaugehistogram
app_ages_bucket{le="30.0"} 3
app_ages_bucket{le="+Inf"} 5
app_ages_gcount 5
app_ages_gsum 170
# EOF
`

func TestValue(t *testing.T) {
	for name, c := range map[string]struct {
		text, mediaType string
		query           Query
		value           source.Value
		err             error
	}{
		"a gauge":                     {prometheus, "text/plain; version=0.0.4", Query{Name: "app_users", Labels: map[string]string{"plan": "free"}}, int64(40), nil},
		"several":                     {prometheus, "text/plain", Query{Name: "app_users", Labels: map[string]string{"plan": "pro"}}, nil, errSeveral},
		"their sum":                   {prometheus, "text/plain", Query{Name: "app_users", Labels: map[string]string{"plan": "pro"}, Sum: true}, int64(12), nil},
		"the sum of all":              {prometheus, "text/plain", Query{Name: "app_users", Sum: true}, int64(52), nil},
		"without a label":             {prometheus, "text/plain", Query{Name: "app_users", Labels: map[string]string{"region": ""}}, int64(40), nil},
		"a counter":                   {prometheus, "text/plain", Query{Name: "app_logins_total"}, int64(1204), nil},
		"a fraction":                  {prometheus, "text/plain", Query{Name: "app_ratio"}, 0.25, nil},
		"no number":                   {prometheus, "text/plain", Query{Name: "app_nan"}, nil, nil},
		"infinite":                    {prometheus, "text/plain", Query{Name: "app_inf"}, nil, source.ErrRange},
		"a histogram":                 {prometheus, "text/plain", Query{Name: "app_seconds"}, int64(3), nil},
		"its count":                   {prometheus, "text/plain", Query{Name: "app_seconds_count"}, int64(3), nil},
		"with a time":                 {prometheus, "text/plain", Query{Name: "app_timed"}, int64(9), nil},
		"nothing":                     {prometheus, "text/plain", Query{Name: "app_other", Sum: true}, nil, nil},
		"a summary":                   {odd, "text/plain", Query{Name: "rpc_seconds"}, int64(40), nil},
		"a total in words":            {withTotal, "text/plain", Query{Name: "app_members", Sum: true}, nil, errTotal},
		"windows by another label":    {withTotal, "text/plain", Query{Name: "app_alive", Sum: true}, nil, errWindows},
		"times that are no windows":   {withTotal, "text/plain", Query{Name: "app_kept", Sum: true}, int64(12), nil},
		"the sum of a summary":        {odd, "text/plain", Query{Name: "rpc_seconds", Sum: true}, int64(40), nil},
		"a quantile":                  {odd, "text/plain", Query{Name: "rpc_seconds", Labels: map[string]string{"quantile": "0.9"}}, 0.7, nil},
		"a sum of buckets":            {odd, "text/plain", Query{Name: "app_bytes_bucket", Sum: true}, nil, errBuckets},
		"buckets of no known type":    {untyped, "text/plain", Query{Name: "app_bytes_bucket", Sum: true}, nil, errBuckets},
		"buckets of gauges":           {openGauges, "application/openmetrics-text; version=1.0.0", Query{Name: "app_ages_bucket", Sum: true}, nil, errBuckets},
		"a histogram of gauges":       {openGauges, "application/openmetrics-text; version=1.0.0", Query{Name: "app_ages"}, int64(5), nil},
		"a sum of quantiles":          {untyped, "text/plain", Query{Name: "rpc_seconds", Sum: true}, nil, errQuantiles},
		"a quantile of no known type": {untyped, "text/plain", Query{Name: "rpc_seconds", Labels: map[string]string{"quantile": "0.9"}, Sum: true}, 0.7, nil},
		"a sum with its own total":    {withTotal, "text/plain", Query{Name: "app_feeds", Sum: true}, nil, errTotal},
		"a total by its name":         {withTotal, "text/plain", Query{Name: "app_feeds", Labels: map[string]string{"status": "total"}, Sum: true}, int64(3), nil},
		"a gauge of each process":     {processes, "text/plain", Query{Name: "app_users", Sum: true}, nil, errProcesses},
		"of one process":              {processes, "text/plain", Query{Name: "app_users", Labels: map[string]string{"pid": "19031"}, Sum: true}, int64(57), nil},
		"a counter of each process":   {processes, "text/plain", Query{Name: "app_logins_total", Sum: true}, int64(7), nil},
		"a sum of windows":            {withTotal, "text/plain", Query{Name: "app_active", Sum: true}, nil, errWindows},
		"a total without the label":   {withTotal, "text/plain", Query{Name: "app_users", Sum: true}, nil, errTotal},
		"one without it alone":        {withTotal, "text/plain", Query{Name: "app_users", Labels: map[string]string{"org": ""}, Sum: true}, int64(12), nil},
		"a total by another name":     {withTotal, "text/plain", Query{Name: "app_posts", Labels: map[string]string{"kind": "new"}, Sum: true}, nil, errTotal},
		"no total, by its number":     {withTotal, "text/plain", Query{Name: "app_hits", Sum: true}, int64(15), nil},
		"a window":                    {withTotal, "text/plain", Query{Name: "app_active", Labels: map[string]string{"period": "30d"}, Sum: true}, int64(7), nil},
		"a total without others":      {withTotal, "text/plain", Query{Name: "app_seats", Sum: true}, int64(3), nil},
		"a bucket":                    {odd, "text/plain", Query{Name: "app_bytes_bucket", Labels: map[string]string{"le": "1"}, Sum: true}, int64(2), nil},
		"a series twice":              {odd, "text/plain", Query{Name: "app_users", Sum: true}, int64(47), nil},
		"a series with two values":    {odd, "text/plain", Query{Name: "app_seats", Sum: true}, nil, errTwice},
		"a series at several times":   {odd, "text/plain", Query{Name: "app_timed", Sum: true}, int64(9), nil},
		"without a media type":        {prometheus, "", Query{Name: "app_ratio"}, 0.25, nil},
		"of another media type":       {prometheus, "application/octet-stream", Query{Name: "app_ratio"}, 0.25, nil},
		"OpenMetrics":                 {openMetrics, "application/openmetrics-text; version=1.0.0", Query{Name: "app_users"}, int64(57), nil},
		"a counter in OpenMetrics":    {openMetrics, "application/openmetrics-text; version=1.0.0", Query{Name: "app_logins"}, int64(17), nil},
		"its total":                   {openMetrics, "application/openmetrics-text; version=1.0.0", Query{Name: "app_logins_total"}, int64(17), nil},
		"a counter without _total":    {prometheus, "text/plain", Query{Name: "app.logins"}, int64(1204), nil},
		"a counter with _total":       {"# TYPE orders counter\norders 7\n", "text/plain", Query{Name: "orders_total"}, int64(7), nil},
		"a gauge is no counter":       {"# TYPE orders gauge\norders 7\n", "text/plain", Query{Name: "orders_total"}, nil, nil},
		"OpenMetrics cut off":         {"app_users 57\n", "application/openmetrics-text", Query{Name: "app_users"}, nil, errCut},
		"lines that end as Windows'":  {"app_users 57\r\napp_ratio 0.25\r\n", "text/plain", Query{Name: "app_users"}, int64(57), nil},
		"a byte order mark":           {"\ufeffapp_users 57\n", "text/plain", Query{Name: "app_users"}, int64(57), nil},
		"cut off in a number":         {"app_seats 3\napp_users 57", "text/plain", Query{Name: "app_seats"}, nil, errCut},
		"nothing at all":              {"", "text/plain", Query{Name: "app_users"}, nil, nil},
		"a dotted name, escaped":      {"app_users 57\n", "text/plain; version=0.0.4; escaping=underscores", Query{Name: "app.users"}, int64(57), nil},
		"a name that quotes (UTF-8)":  {"{\"app.users\",plan=\"pro\"} 5\n", "text/plain; version=1.0.0", Query{Name: "app.users"}, int64(5), nil},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := Parse([]byte(c.text), c.mediaType)
			var value source.Value
			if err == nil {
				value, err = e.Value(c.query)
			}
			require.ErrorIs(t, err, c.err)
			assert.Equal(t, c.value, value)
		})
	}
}

// TestDamageIsNamed: an error names the line, and nothing that stands there.
func TestDamageIsNamed(t *testing.T) {
	for _, c := range []struct{ text, mediaType, line string }{
		{"<html>\nhunter2", "text/html", "line 1"},
		{"# a comment\r\napp_users 57\r\napp_key hunter2\r\napp_seats 3\r\n", "text/plain", "line 3"},
		{"app_users 57\n# TYPE app_key counter\napp_key hunter2\n# EOF\n", "application/openmetrics-text", "line 3"},
		{"app_users 57\n# EOF\nhunter2 1\n", "application/openmetrics-text", "line 2"},
	} {
		_, err := Parse([]byte(c.text), c.mediaType)
		require.ErrorContains(t, err, c.line, c.text)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	_, err := Parse([]byte("\x0a"), "application/vnd.google.protobuf; encoding=delimited")
	require.ErrorIs(t, err, errProtobuf)
}

func FuzzParse(f *testing.F) {
	f.Add(prometheus, "text/plain", "app_users")
	f.Add(openMetrics, "application/openmetrics-text", "app_logins")
	f.Fuzz(func(_ *testing.T, text, mediaType, name string) {
		if e, err := Parse([]byte(text), mediaType); err == nil {
			_, _ = e.Value(Query{Name: name, Sum: true})
		}
	})
}
