// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoRawValueWithoutTheToken(t *testing.T) {
	r := shown(t)
	for _, path := range allGets {
		_, text := r.get(path)
		for _, raw := range []string{"123456", "123500", "secret", "5.3-exact", "never-sent", "sent-id"} {
			assert.NotContains(t, text, raw, path)
		}
	}
	_, page := r.get("/")
	assert.Contains(t, page, "suppress below 10", "what is done is no secret")
	assert.Contains(t, page, "round to 100")
	_, page = r.get(r.trusted("/"))
	for _, raw := range []string{"123456", "123500", "db1.secret.example", "secret-group", "5.3-exact", "never-sent", "sent-id"} {
		assert.Contains(t, page, raw, "with the token")
	}
	for _, path := range []string{"/api/v1/status", "/api/v1/fields", "/api/v1/ledger"} {
		_, open := r.request(http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + r.token()})
		_, query := r.get(r.trusted(path))
		assert.Equal(t, open, query)
		_, public := r.get(path)
		assert.NotEqual(t, open, public)
	}
}

func TestWrongTokensOpenNothing(t *testing.T) {
	r := shown(t)
	right := r.token()
	for _, wrong := range []string{"x", right[:len(right)-1], right + "x", strings.ToLower(right), strings.Repeat("A", len(right))} {
		for _, path := range []string{"/api/v1/status", "/api/v1/fields", "/api/v1/ledger"} {
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
	token := first.token()
	require.GreaterOrEqual(t, len(token), 26) // 130 bits in base 32
	require.NoError(t, first.stop())
	assert.NotEqual(t, token, run(t, over, nil, nil).token())
	for key, record := range over.content() {
		assert.NotContains(t, string(record), token, key)
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
		"API, a form's media type":   {http.MethodPost, "/api/v1/switch", `{"mode":"off"}`, map[string]string{"Content-Type": "text/plain", "Authorization": "Bearer " + r.token()}, http.StatusUnsupportedMediaType},
		"form as multipart":          {http.MethodPost, "/switch", "mode=off", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, http.StatusBadRequest},
		"an endless form":            {http.MethodPost, "/switch", r.formBody("off") + "&x=" + strings.Repeat("x", 4<<10), form, http.StatusBadRequest},
		"a mode that does not exist": {http.MethodPost, "/switch", r.formBody("<script>"), form, http.StatusBadRequest},
	} {
		answer, _ := r.request(try.method, try.path, try.body, try.header)
		assert.Equal(t, try.want, answer.StatusCode, name)
		assert.Equal(t, "on", r.mode(), name)
	}
}

func TestTheSwitchOfTheAPI(t *testing.T) {
	r := shown(t)
	header := map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + r.token()}
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
