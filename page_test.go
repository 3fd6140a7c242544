// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/trust"
)

// pageReports is how many reports the page shows at once.
const pageReports = 25

func TestATakenPortIsAWarning(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	r := run(t, &shelf{}, func(c *Config) { c.Endpoint = taken.Addr().String() }, nil)
	assert.Equal(t, 1, r.logs.FilterLevelExact(zap.WarnLevel).FilterMessage("There is no page this time; all else goes on").Len())
	assert.Equal(t, "on", r.mode())
}

func TestWithoutAnEndpointThereIsNoPage(t *testing.T) {
	r := run(t, &shelf{}, func(c *Config) { c.Endpoint = "" }, nil)
	assert.Nil(t, r.headcount.page)
	assert.Zero(t, r.logs.FilterFieldKey("page").Len())
}

func TestTheStartUpLogHasTheAddress(t *testing.T) {
	r := run(t, &shelf{}, func(c *Config) { c.Console = true }, nil)
	address := r.logs.FilterFieldKey("page").All()[0].ContextMap()["page"].(string)
	assert.Equal(t, r.page()+r.trusted("/"), address)
	assert.Contains(t, r.stdout.String(), "The page: "+address)
}

func TestThePageLoadsNothing(t *testing.T) {
	r := shown(t)
	_, page := r.get(r.trusted("/"))
	style, rest, _ := strings.Cut(page, "</style>")
	markup, script, _ := strings.Cut(rest, "<script>")
	for _, reference := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(markup, -1) {
		assert.Regexp(t, `^(#|/[^/]|/$)`, reference[1])
	}
	assert.NotContains(t, style, "url(")
	assert.NotContains(t, style, "@import")
	assert.NotContains(t, script, "http")
}

func TestThePageIsNotSentAnewWhileNothingChanges(t *testing.T) {
	r := shown(t)
	answer, _ := r.get("/")
	tag := answer.Header.Get("ETag")
	again, body := r.request(http.MethodGet, "/", "", map[string]string{"If-None-Match": tag})
	if again.StatusCode != http.StatusNotModified { // a minute may have ended between the two
		again, body = r.request(http.MethodGet, "/", "", map[string]string{"If-None-Match": again.Header.Get("ETag")})
	}
	assert.Equal(t, http.StatusNotModified, again.StatusCode)
	assert.Empty(t, body)
	withToken, _ := r.request(http.MethodGet, r.trusted("/"), "", map[string]string{"If-None-Match": tag})
	assert.Equal(t, http.StatusOK, withToken.StatusCode, "another reader, another page")
	r.Anonymized(secretFields)
	changed, _ := r.request(http.MethodGet, "/", "", map[string]string{"If-None-Match": tag})
	assert.Equal(t, http.StatusOK, changed.StatusCode)
}

func TestOlderReportsAreAPageAway(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	for i := range 3*pageReports - 1 {
		r.Delivered(delivery(fmt.Sprint("k", i), fmt.Sprintf(`{"value":{"n":%d}}`, i), 200))
	}
	path, seen := "/", map[string]bool{}
	for range 3 {
		_, page := r.get(path)
		for _, id := range regexp.MustCompile(`id="report-(\d+)"`).FindAllStringSubmatch(page, -1) {
			assert.False(t, seen[id[1]], "once")
			seen[id[1]] = true
		}
		older := regexp.MustCompile(`href="/\?before=(\d+)#history"`).FindStringSubmatch(page)
		if older == nil {
			break
		}
		path = "/?before=" + older[1]
	}
	assert.Len(t, seen, 3*pageReports-1)
	for _, odd := range []string{"-1", "x", "0", "18446744073709551616"} {
		answer, _ := r.get("/?before=" + odd)
		assert.Equal(t, http.StatusOK, answer.StatusCode)
	}
}

func TestStatus(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	r.Promises(trust.Destination{Host: "collect.example.com:443", Stats: []string{"USAGE", "EVENTS"}})
	r.Delivered(delivery("k", `{"instanceId":"id-1","value":{},"name":"USAGE"}`, 200))
	r.Unsent(trust.Unsent{Stat: "EVENTS", Reason: trust.Incomplete, Missing: []string{"shop.orders"}})
	r.Unsent(trust.Unsent{Stat: "USAGE", Reason: trust.NotDue})
	r.Due("USAGE", noon.Add(168*time.Hour))
	_, text := r.get(r.trusted("/api/v1/status"))
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	assert.Equal(t, map[string]any{
		"mode": "on", "reason": "the configuration key mode",
		"configured_mode": "on", "configured_by": "the configuration key mode",
		"switch": nil, "persistent": true,
		"destinations": []any{map[string]any{"endpoint": "collect.example.com:443", "stats": []any{"USAGE", "EVENTS"}, "dry_run": false}},
		"stats": []any{
			map[string]any{"name": "EVENTS", "reports": 0.0, "unsent": map[string]any{"incomplete": 1.0}, "missing": []any{"shop.orders"}},
			map[string]any{"name": "USAGE", "reports": 1.0, "unsent": map[string]any{"not_due": 1.0}, "accepted": "2026-11-23T12:00:00Z", "due": "2026-11-30T12:00:00Z"},
		},
		"instance_ids": []any{"id-1"},
		"ledger":       map[string]any{"total": 1.0, "entries": 1.0, "bytes": 47.0, "max_entries": 512.0, "max_bytes": 1048576.0, "unreadable": 0.0, "unwritable": false},
	}, got)
}

func TestThePageSaysWhenIsReadNext(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	_, page := r.get("/")
	assert.Contains(t, page, "when the application reports")
	next := time.Now().Add(12*time.Hour + time.Minute).UTC()
	r.ReadsNext(component.MustNewID("appusage"), next)
	_, page = r.get("/")
	assert.Contains(t, page, next.Format("2 Jan 2006, 15:04")+" UTC</time> <span class=\"away\">in 12 hours")
	_, status := r.get("/api/v1/status")
	assert.Contains(t, status, `"reads_next": "`+next.Format("2006-01-02T15:04:05"))
	require.NoError(t, r.Choose(t.Context(), trust.Off, time.Now()))
	_, status = r.get("/api/v1/status")
	assert.NotContains(t, status, "reads_next")
}

func TestThePageSaysWhoSeesWhatThroughARelay(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	r.Promises(trust.Destination{Host: "collect.example.com", Relay: "relay.example.net", Stats: []string{"USAGE"}})
	_, page := r.get("/")
	assert.Contains(t, page, "Reports go through relay.example.net to collect.example.com: collect.example.com does not see your address, relay.example.net does not see the report.")
	_, status := r.get("/api/v1/status")
	assert.Contains(t, status, `"relay": "relay.example.net"`)
}

func TestThePageSaysWhatIsAskedInTheProfilesWords(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	r.Promises(trust.Destination{
		Host: "collect.example.com", Stats: []string{"USAGE"}, Descriptions: map[string]string{"USAGE": "The makers of Shop ask."},
		Keys: []trust.Key{{Stat: "USAGE", Name: "orders", From: "shop.orders", Description: "Orders of all time."}},
	})
	r.Anonymized([]trust.Field{{Name: "shop.orders", Named: "shop.orders", Read: "12", Leaves: "10", Passes: true, MayPass: true}})
	for _, address := range []string{"/", r.trusted("/")} {
		_, page := r.get(address)
		assert.Equal(t, 2, strings.Count(page, "The makers of Shop ask."), "beside what is due, and above its fields")
		assert.Contains(t, page, "Orders of all time.")
	}
	_, status := r.get("/api/v1/status")
	assert.Contains(t, status, `"description": "The makers of Shop ask."`)
}

func TestThePageShowsWhatTheLogWarnsOf(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	r.headcount.News("report beside appusage", "The makers get two reports.")
	_, page := r.get("/")
	assert.Contains(t, page, "The makers get two reports.")
	_, status := r.get("/api/v1/status")
	assert.Contains(t, status, `"warnings": [`)
	r.headcount.News("report beside appusage", "")
	r.change()
	_, page = r.get("/")
	assert.NotContains(t, page, "The makers get two reports.")
}

func TestThePageSaysWhatChangedSinceTheReportBefore(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	for _, n := range []string{"100", "300"} {
		r.Delivered(delivery("k"+n, `{"value":{"runs":`+n+`,"same":1}}`, 200))
	}
	_, page := r.get(r.trusted("/"))
	assert.Contains(t, page, "<li><code>runs</code> <code>100</code> → <code>300</code></li>")
	assert.Contains(t, page, "2 reports since the beginning")
	_, page = r.get("/")
	assert.NotContains(t, page, "<code>100</code>", "without the token no value")
}

func TestCountsSurviveARestart(t *testing.T) {
	over := &shelf{}
	r := run(t, over, nil, nil)
	r.Unsent(trust.Unsent{Stat: "USAGE", Reason: trust.NotDue})
	require.NoError(t, r.stop())
	r = run(t, over, nil, nil)
	r.Unsent(trust.Unsent{Stat: "USAGE", Reason: trust.NotDue})
	_, text := r.get("/api/v1/status")
	assert.Contains(t, text, `"not_due": 2`)
}

func TestNobodyLooksNobodyWorks(t *testing.T) {
	r := shown(t)
	assert.Equal(t, 1, strings.Count(goroutines(), "created by github.com/headcount-otel/headcount/internal/"), "only the one that waits for readers")
	require.NoError(t, r.stop())
	assert.Zero(t, strings.Count(goroutines(), "created by github.com/headcount-otel/headcount/internal/"))
}
