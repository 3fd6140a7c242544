// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/trust"
)

var (
	form    = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	allGets = []string{"/", "/api/v1/status", "/api/v1/fields", "/api/v1/ledger"}
)

func with(header map[string]string, name, value string) map[string]string {
	merged := map[string]string{name: value}
	for n, v := range header {
		merged[n] = v
	}
	return merged
}

func (r *rig) formBody(mode string) string {
	return url.Values{"mode": {mode}, "token": {r.token()}}.Encode()
}

// shown is a running page with raw values, exact values and bodies to guard.
func shown(t *testing.T) *rig {
	r := run(t, &shelf{}, nil, nil)
	r.Anonymized(secretFields)
	r.Delivered(delivery("k", `{"instanceId":"sent-id","name":"USAGE"}`, 200))
	r.Delivered(trust.Delivery{Time: noon, Stat: "USAGE", Host: "collect.example.com", Body: []byte(`{"dry":"never-sent"}`), DryRun: true})
	return r
}

func TestForeignHostsAreRefused(t *testing.T) { // DNS rebinding
	r := shown(t)
	_, port, _ := net.SplitHostPort(r.address())
	for _, host := range []string{
		"evil.example", "evil.example:" + port, "127.0.0.1.evil.example:" + port, "localhost.evil.example", "127.0.0.1@evil.example",
		"198.51.100.7:" + port, "0.0.0.0:" + port, "[::]:" + port, "2130706433", "0x7f.1", "127.1",
	} {
		for _, path := range allGets {
			answer, text := r.request(http.MethodGet, r.trusted(path), "", map[string]string{"Host": host})
			assert.Equal(t, http.StatusMisdirectedRequest, answer.StatusCode, host)
			assert.NotContains(t, text, "123456")
		}
		answer, _ := r.request(http.MethodPost, "/switch", r.formBody("off"), with(form, "Host", host))
		assert.Equal(t, http.StatusMisdirectedRequest, answer.StatusCode, host)
	}
	assert.Equal(t, "on", r.mode())
	for _, host := range []string{"localhost:" + port, "127.0.0.1:" + port, "127.0.0.1", "[::1]:9000", "LOCALHOST"} {
		answer, _ := r.request(http.MethodGet, "/", "", map[string]string{"Host": host})
		assert.Equal(t, http.StatusOK, answer.StatusCode, host)
	}
}

func TestForeignOriginsAreRefused(t *testing.T) {
	r := shown(t)
	for _, origin := range []string{"https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", r.page() + ".evil.example", "file://"} {
		for _, path := range allGets {
			answer, text := r.request(http.MethodGet, r.trusted(path), "", map[string]string{"Origin": origin})
			assert.Equal(t, http.StatusForbidden, answer.StatusCode, origin)
			assert.NotContains(t, text, "123456")
			assert.Empty(t, answer.Header.Get("Access-Control-Allow-Origin"))
		}
		answer, _ := r.request(http.MethodPost, "/switch", r.formBody("off"), with(form, "Origin", origin))
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, origin)
	}
	assert.Equal(t, "on", r.mode())
	answer, _ := r.request(http.MethodPost, "/switch", r.formBody("local"), with(form, "Origin", r.page()))
	assert.Equal(t, http.StatusSeeOther, answer.StatusCode, "the page's own origin")
}

func TestCrossSiteFormsAreRefused(t *testing.T) {
	r := shown(t)
	for _, site := range []string{"cross-site", "same-site"} {
		answer, _ := r.request(http.MethodPost, "/switch", r.formBody("off"), with(form, "Sec-Fetch-Site", site))
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, site)
	}
	assert.Equal(t, "on", r.mode())
}

func TestPreflightsGetNoPermission(t *testing.T) {
	r := shown(t)
	for _, origin := range []string{"https://evil.example", r.page()} {
		answer, _ := r.request(http.MethodOptions, "/api/v1/switch", "", map[string]string{
			"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization",
		})
		assert.GreaterOrEqual(t, answer.StatusCode, 400)
		assert.Empty(t, answer.Header.Get("Access-Control-Allow-Origin"))
	}
}

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	r := shown(t)
	for _, path := range append(allGets, "/nothing", "/switch") {
		for _, host := range []string{"", "evil.example"} {
			header := map[string]string{}
			if host != "" {
				header["Host"] = host
			}
			answer, _ := r.request(http.MethodGet, path, "", header)
			assert.Equal(t, "no-store", answer.Header.Get("Cache-Control"), path)
			assert.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"), path)
			assert.Equal(t, "DENY", answer.Header.Get("X-Frame-Options"), path)
			assert.Equal(t, "same-origin", answer.Header.Get("Cross-Origin-Resource-Policy"), path)
			policy := answer.Header.Get("Content-Security-Policy")
			assert.Contains(t, policy, "default-src 'none'", path)
			assert.Contains(t, policy, "frame-ancestors 'none'", path)
			assert.NotContains(t, policy, "unsafe", path)
			assert.NotContains(t, policy, "http", path)
		}
	}
}

func TestPathTricksFindNothing(t *testing.T) {
	r := shown(t)
	for _, path := range []string{
		"//", "/./", "/../", "/api/v1/../v1/fields", "/api/v1//fields", "/%61pi/v1/fields%2f..", "/api/v1/fields/", "/api%2fv1%2ffields",
		"/etc/passwd", "/..%2f..%2fetc/passwd", "/page/page.html", "/page.css", "/api", "/debug/pprof/", "/index.html", "/%00", "/;/api/v1/fields",
	} {
		answer, text := r.get(r.trusted(path))
		assert.Equal(t, http.StatusNotFound, answer.StatusCode, path)
		assert.NotContains(t, text, "123456", path)
		assert.Empty(t, answer.Header.Get("Location"), path)
	}
}

func TestStoredMarkupIsShownAsText(t *testing.T) {
	r := run(t, &shelf{}, nil, nil)
	evil := `<script>alert(1)</script><img src=x onerror=alert(2)>"'` + "`" + `</pre></table></style>{{.Token}}`
	r.Anonymized([]trust.Field{{Name: evil, Read: evil, Rule: evil, Claim: evil, Leaves: evil, Passes: true, Exact: true}})
	r.Promises(trust.Destination{Host: evil, Stats: []string{evil}})
	r.Unsent(trust.Unsent{Stat: evil, Reason: trust.Incomplete, Missing: []string{evil}})
	for i := range 3 {
		r.Delivered(trust.Delivery{
			Time: noon, Stat: evil, Host: evil, Key: fmt.Sprint(evil, i), Status: 200,
			Body: fmt.Appendf(nil, `{"instanceId":%q,"value":{%q:%d}}`, evil, evil, i),
		})
	}
	_, page := r.get(r.trusted("/"))
	assert.Contains(t, page, "&lt;script&gt;alert(1)")
	assert.NotContains(t, page, "<script>alert")
	assert.NotContains(t, page, "<img")
	assert.NotContains(t, page, "</pre></table>")
	assert.Equal(t, 1, strings.Count(page, "<script>"), "our own script and no other")
	for _, path := range []string{"/api/v1/status", "/api/v1/fields", "/api/v1/ledger"} {
		answer, _ := r.get(r.trusted(path))
		assert.Contains(t, answer.Header.Get("Content-Type"), "application/json", path)
	}
}
