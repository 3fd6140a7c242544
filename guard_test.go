// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	return url.Values{"mode": {mode}, "token": {string(r.server.token)}}.Encode()
}

// shown is a running page with raw values, exact values and bodies to guard.
func shown(t *testing.T) *rig {
	r := run(t, &shelf{}, nil, nil)
	r.Anonymized(secretFields)
	r.Delivered(delivery("k", `{"instanceId":"sent-id","name":"USAGE"}`, 200))
	r.Delivered(trust.Delivery{Time: noon, Stat: "USAGE", Host: "collect.example.com", Body: []byte(`{"dry":"never-sent"}`), DryRun: true})
	return r
}

func TestNoRawValueWithoutTheToken(t *testing.T) {
	r := shown(t)
	for _, path := range allGets {
		_, text := r.get(path)
		for _, raw := range []string{"123456", "secret", "5.3-exact", "never-sent"} {
			assert.NotContains(t, text, raw, path)
		}
	}
	_, page := r.get("/")
	assert.Contains(t, page, "123500", "what leaves is no secret")
	assert.Contains(t, page, "sent-id", "what has left neither")
	_, page = r.get(r.trusted("/"))
	for _, raw := range []string{"123456", "db1.secret.example", "secret-group", "5.3-exact", "never-sent"} {
		assert.Contains(t, page, raw, "with the token")
	}
	for _, path := range []string{"/api/v1/fields", "/api/v1/ledger"} {
		_, open := r.request(http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + string(r.server.token)})
		_, query := r.get(r.trusted(path))
		assert.Equal(t, open, query)
		_, public := r.get(path)
		assert.NotEqual(t, open, public)
	}
}

func TestWrongTokensOpenNothing(t *testing.T) {
	r := shown(t)
	right := string(r.server.token)
	for _, wrong := range []string{"x", right[:len(right)-1], right + "x", strings.ToLower(right), strings.Repeat("A", len(right))} {
		for _, path := range []string{"/api/v1/fields", "/api/v1/ledger"} {
			answer, text := r.get(path + "?token=" + wrong)
			assert.Equal(t, http.StatusUnauthorized, answer.StatusCode)
			assert.NotContains(t, text, "123500")
			answer, _ = r.request(http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + wrong})
			assert.Equal(t, http.StatusUnauthorized, answer.StatusCode)
		}
		_, page := r.get("/?token=" + wrong)
		assert.NotContains(t, page, "123456")
		assert.Contains(t, page, "an earlier start", "the reader learns why")
		assert.NotContains(t, page, wrong+`"`, "and it is not echoed")
		answer, _ := r.request(http.MethodPost, "/switch", url.Values{"mode": {"off"}, "token": {wrong}}.Encode(), form)
		assert.Equal(t, http.StatusForbidden, answer.StatusCode)
	}
	assert.Equal(t, "on", r.mode())
}

func TestTheTokenIsNewAtEachStart(t *testing.T) {
	over := &shelf{}
	first := run(t, over, nil, nil)
	token := first.server.token
	require.GreaterOrEqual(t, len(token), 26) // 130 bits in base 32
	require.NoError(t, first.stop())
	assert.NotEqual(t, token, run(t, over, nil, nil).server.token)
	for key, record := range over.content() {
		assert.NotContains(t, string(record), string(token), key)
	}
}

func TestNoSwitchWithoutTheToken(t *testing.T) {
	r := shown(t)
	for name, try := range map[string]struct {
		method, path, body string
		header             map[string]string
		want               int
	}{
		"form without token":         {http.MethodPost, "/switch", "mode=off", form, http.StatusForbidden},
		"token in the query only":    {http.MethodPost, r.trusted("/switch"), "mode=off", form, http.StatusForbidden},
		"GET":                        {http.MethodGet, r.trusted("/switch") + "&mode=off", "", nil, http.StatusMethodNotAllowed},
		"method override":            {http.MethodGet, r.trusted("/switch") + "&mode=off&_method=POST", "", map[string]string{"X-HTTP-Method-Override": "POST"}, http.StatusMethodNotAllowed},
		"API without token":          {http.MethodPost, "/api/v1/switch", `{"mode":"off"}`, map[string]string{"Content-Type": "application/json"}, http.StatusUnauthorized},
		"API, token in the query":    {http.MethodPost, r.trusted("/api/v1/switch"), `{"mode":"off"}`, map[string]string{"Content-Type": "application/json"}, http.StatusUnauthorized},
		"API, a form's media type":   {http.MethodPost, "/api/v1/switch", `{"mode":"off"}`, map[string]string{"Content-Type": "text/plain", "Authorization": "Bearer " + string(r.server.token)}, http.StatusUnsupportedMediaType},
		"form as multipart":          {http.MethodPost, "/switch", "mode=off", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, http.StatusBadRequest},
		"an endless form":            {http.MethodPost, "/switch", r.formBody("off") + "&x=" + strings.Repeat("x", maxFormBytes), form, http.StatusBadRequest},
		"a mode that does not exist": {http.MethodPost, "/switch", r.formBody("<script>"), form, http.StatusBadRequest},
	} {
		answer, _ := r.request(try.method, try.path, try.body, try.header)
		assert.Equal(t, try.want, answer.StatusCode, name)
		assert.Equal(t, "on", r.mode(), name)
	}
}

func TestTheSwitchOfTheAPI(t *testing.T) {
	r := shown(t)
	header := map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + string(r.server.token)}
	for _, bad := range []string{``, `{}`, `{"mode":"sometimes"}`, `{"mode":"off","more":1}`, `[]`} {
		answer, text := r.request(http.MethodPost, "/api/v1/switch", bad, header)
		assert.Equal(t, http.StatusBadRequest, answer.StatusCode, bad)
		assert.Contains(t, text, `"error"`)
	}
	answer, text := r.request(http.MethodPost, "/api/v1/switch", `{"mode":"off"}`, header)
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	assert.Contains(t, text, `"mode": "off"`)
	assert.Equal(t, "off", r.mode())
}

func TestForeignHostsAreRefused(t *testing.T) { // DNS rebinding
	r := shown(t)
	_, port, _ := net.SplitHostPort(r.server.listener.Addr().String())
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

func TestInAContainerAnyAddressIsOursButNoName(t *testing.T) {
	assert.True(t, ours("198.51.100.7:55690", false))
	assert.True(t, ours("[2001:db8::1]:55690", false))
	assert.True(t, ours("localhost:55690", false))
	assert.False(t, ours("evil.example:55690", false))
	assert.False(t, ours("", false))
}

func FuzzOurs(f *testing.F) {
	for _, seed := range []string{"127.0.0.1:1", "[::1]", "localhost", "a]:[b", "::1", "127.0.0.1:evil.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if ours(host, true) && !strings.Contains(strings.ToLower(host), "localhost") && !strings.Contains(host, "127.") && !strings.Contains(host, ":") {
			t.Errorf("%q", host)
		}
	})
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

// raw sends bytes that no well-behaved client would, and returns the answer's.
func (r *rig) raw(request string) string {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.server.listener.Addr().String())
	require.NoError(r.t, err)
	defer conn.Close()
	_, _ = io.WriteString(conn, request)
	require.NoError(r.t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

func TestHeaderSplittingSplitsNothing(t *testing.T) {
	r := shown(t)
	host := r.server.listener.Addr().String()
	for name, request := range map[string]string{
		"line breaks in the query": "GET /?token=x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"line breaks in before":    "GET /?before=1%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"a bare line break":        "GET / HTTP/1.1\nHost: " + host + "\nX: a\rX-Evil: 1\n\n",
		"two hosts":                "GET / HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"an absolute address":      "GET http://evil.example/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"two lengths":              "POST /switch HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\nContent-Length: 50\r\nConnection: close\r\n\r\nmode=",
		"length and chunks":        "POST /switch HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /api/v1/status HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"no host":                  "GET / HTTP/1.0\r\n\r\n",
	} {
		answer := r.raw(request)
		assert.NotContains(t, answer, "X-Evil:", name)
		assert.NotContains(t, answer, "Set-Cookie", name)
		assert.Equal(t, 1, strings.Count(answer, "HTTP/1."), "%s: one answer", name)
		assert.NotContains(t, answer, "123456", name)
	}
	assert.Contains(t, r.raw("GET http://evil.example/ HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"), "421")
	assert.Contains(t, r.raw("GET / HTTP/1.0\r\n\r\n"), "421")
}

func TestHugeHeadersAreRefused(t *testing.T) {
	r := shown(t)
	answer := r.raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + strings.Repeat("x", 2*maxHeaderBytes) + "\r\nConnection: close\r\n\r\n")
	assert.NotContains(t, answer, "200 OK")
	answer = r.raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + strings.Repeat("x", maxHeaderBytes/2) + "\r\nConnection: close\r\n\r\n")
	assert.Contains(t, answer, "200 OK")
}

func TestAThousandConnectionsHoldABoundedFew(t *testing.T) {
	r := shown(t)
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	before := heap()
	for range 1000 {
		conn, err := net.DialTimeout("tcp", r.server.listener.Addr().String(), 5*time.Second)
		if err != nil {
			break // the system's own backlog is full: refused is fine
		}
		conns = append(conns, conn)
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: ")
	}
	assert.Less(t, heap()-before, int64(4<<20), "connections beyond the bound wait outside")
	for _, conn := range conns {
		conn.Close()
	}
	conns = nil
	answer, _ := r.get("/")
	assert.Equal(t, http.StatusOK, answer.StatusCode, "when they are gone the page is there")
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	r := shown(t)
	host := r.server.listener.Addr().String()
	for name, sent := range map[string]string{
		"in the header": "GET / HTTP/1.1\r\nHost: " + host + "\r\n",
		"in the body":   "POST /switch HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nmode=",
		"in silence":    "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", host)
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, sent)
			require.NoError(t, err)
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(3*requestTimeout)))
			_, err = io.Copy(io.Discard, bufio.NewReader(conn))
			assert.NoError(t, err, "the page ends the connection; a deadline here would be an error")
		})
	}
}

func TestASlowReaderDoesNotDelayTheEnd(t *testing.T) {
	r := shown(t)
	for i := range 8 {
		r.Delivered(delivery(fmt.Sprint("l", i), strings.Repeat("x", 100_000), 200))
	}
	conn, err := net.Dial("tcp", r.server.listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /api/v1/ledger HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, r.stop())
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
