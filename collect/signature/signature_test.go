// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rfcRequest is the request of RFC 9421, appendix B.2.
func rfcRequest(t *testing.T) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Host = "example.com"
	r.Header.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:")
	return r
}

func list(t *testing.T, text string) httpsfv.InnerList {
	t.Helper()
	members, err := httpsfv.UnmarshalDictionary([]string{"sig=" + text})
	require.NoError(t, err)
	member, _ := members.Get("sig")
	return member.(httpsfv.InnerList)
}

func decoded(t *testing.T, encoding *base64.Encoding, text string) []byte {
	t.Helper()
	data, err := encoding.DecodeString(text)
	require.NoError(t, err)
	return data
}

// RFC 9421, appendix B.2.6: Ed25519 is deterministic, so that our signature is theirs.
func TestVectorEd25519(t *testing.T) {
	key := ed25519.NewKeyFromSeed(decoded(t, base64.RawURLEncoding, "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU"))
	assert.Equal(t, decoded(t, base64.RawURLEncoding, "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"), []byte(key.Public().(ed25519.PublicKey)))
	text, err := base(rfcRequest(t), list(t, `("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`))
	require.NoError(t, err)
	assert.Equal(t, `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`, text)
	assert.Equal(t, "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
		base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(text))))
}

// RFC 9421, appendix B.2.5: the same base, authenticated by another algorithm.
func TestVectorHMAC(t *testing.T) {
	secret := decoded(t, base64.StdEncoding, "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
	text, err := base(rfcRequest(t), list(t, `("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`))
	require.NoError(t, err)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	assert.Equal(t, "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// RFC 9530, appendix D, and the digest of RFC 9421's request.
func TestVectorDigests(t *testing.T) {
	body := []byte(`{"hello": "world"}`)
	assert.Equal(t, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", digest(body))
	require.NoError(t, checkDigest(rfcRequest(t).Header, body))
	assert.ErrorIs(t, checkDigest(rfcRequest(t).Header, append(body, ' ')), errOtherDigest)
	for _, value := range []string{"", "sha-1=:AAAA:", "sha-256", "?", "crc32c=:AAAA:"} {
		assert.Error(t, checkDigest(http.Header{"Content-Digest": {value}}, body), value)
	}
	both := http.Header{"Content-Digest": {digest(body), "sha-512=:AAAA:"}}
	assert.ErrorIs(t, checkDigest(both, body), errOtherDigest, "each that is known has to hold")
}

const body = `{"instanceId":"i-1","time":1.0,"value":{"users":5},"name":"USAGE"}`

var (
	noon   = time.Date(2026, 11, 23, 12, 34, 56, 0, time.UTC)
	secret = Secret{1, 2, 3}
)

func signed(t *testing.T) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/stat", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "0123")
	require.NoError(t, Sign(r, []byte(body), secret.Key("i-1"), noon))
	return r
}

func TestASignedReport(t *testing.T) {
	signer, err := Verify(signed(t), []byte(body))
	require.NoError(t, err)
	assert.Equal(t, secret.Key("i-1").Public(), signer.Key)
	assert.Equal(t, noon.Truncate(time.Hour), signer.Created.UTC(), "no clock is told more exactly")
	assert.Zero(t, signer.Expires)
}

// Each id has a key of its own, the same each time; no two secrets have one.
func TestKeys(t *testing.T) {
	assert.Equal(t, secret.Key("i-1"), secret.Key("i-1"))
	assert.NotEqual(t, secret.Key("i-1"), secret.Key("i-2"))
	assert.NotEqual(t, secret.Key("i-1"), Secret{}.Key("i-1"))
	assert.NotContains(t, string(secret.Key("i-1")), string(secret[:]))
}

// What is changed on the way is found; where a report goes is not covered.
func TestWhatIsChangedIsFound(t *testing.T) {
	for name, change := range map[string]func(*http.Request) string{
		"body":                    func(*http.Request) string { return strings.Replace(body, "5", "6", 1) },
		"body and digest":         func(r *http.Request) string { r.Header.Set("Content-Digest", digest([]byte("{}"))); return "{}" },
		"Idempotency-Key":         func(r *http.Request) string { r.Header.Set("Idempotency-Key", "9"); return body },
		"no Idempotency-Key":      func(r *http.Request) string { r.Header.Del("Idempotency-Key"); return body },
		"Content-Type":            func(r *http.Request) string { r.Header.Set("Content-Type", "text/plain"); return body },
		"method":                  func(r *http.Request) string { r.Method = http.MethodPut; return body },
		"a line more":             func(r *http.Request) string { r.Header.Add("Idempotency-Key", "0123"); return body },
		"no digest":               func(r *http.Request) string { r.Header.Del("Content-Digest"); return body },
		"no signature":            func(r *http.Request) string { r.Header.Del("Signature"); return body },
		"another's signature":     func(r *http.Request) string { r.Header.Set("Signature", "headcount=:AAAA:"); return body },
		"another label":           func(r *http.Request) string { r.Header.Set("Signature", "x=:AAAA:"); return body },
		"a token for a signature": func(r *http.Request) string { r.Header.Set("Signature", "headcount=a"); return body },
		"the date": func(r *http.Request) string {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), "created=1", "created=2", 1))
			return body
		},
		"another key": func(r *http.Request) string {
			mine := base64.RawURLEncoding.EncodeToString(secret.Key("i-2").Public().(ed25519.PublicKey))
			theirs := base64.RawURLEncoding.EncodeToString(secret.Key("i-1").Public().(ed25519.PublicKey))
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), theirs, mine, 1))
			return body
		},
	} {
		r := signed(t)
		changed := change(r)
		_, err := Verify(r, []byte(changed))
		assert.Error(t, err, name)
	}
	r := signed(t)
	r.Host, r.URL.Path = "behind.proxy.example.com", "/elsewhere"
	_, err := Verify(r, []byte(body))
	require.NoError(t, err)
}

func TestWhatIsNoSignatureOfOurs(t *testing.T) {
	key := base64.RawURLEncoding.EncodeToString(secret.Key("i-1").Public().(ed25519.PublicKey))
	const all = `("@method" "content-digest" "idempotency-key")`
	for input, want := range map[string]string{
		"": "not signed",
		"proxy=(\"@method\");created=1;keyid=\"k\"": "not signed",
		"headcount=1":  "not signed",
		"headcount=((": "cannot be read",
		"a=" + all + `;tag="headcount", b=` + all + `;tag="headcount"`:                                             "two signatures",
		"a=" + all + `;tag="headcount";created=1`:                                                                  "keyid",
		"a=" + all + `;tag="headcount";created=1;keyid="AAAA"`:                                                     "keyid",
		"a=" + all + `;tag="headcount";keyid="` + key + `"`:                                                        "created",
		"a=" + all + `;tag="headcount";keyid="` + key + `";created="1"`:                                            "created",
		"a=" + all + `;tag="headcount";keyid="` + key + `";created=1;expires=x`:                                    "expires",
		"a=" + all + `;tag="headcount";keyid="` + key + `";created=1;alg="hmac-sha256"`:                            "alg",
		`a=("content-digest");tag="headcount";keyid="` + key + `";created=1`:                                       "cover at least",
		`a=("@method" "@method" "content-digest" "idempotency-key");tag="headcount";keyid="` + key + `";created=1`: "twice",
		`a=("@method";req "content-digest" "idempotency-key");tag="headcount";keyid="` + key + `";created=1`:       "parameters",
		`a=("@method" "@status" "content-digest" "idempotency-key");tag="headcount";keyid="` + key + `";created=1`: "not understood",
		`a=("@method" "Date" "content-digest" "idempotency-key");tag="headcount";keyid="` + key + `";created=1`:    "not understood",
		`a=("@method" "date" "content-digest" "idempotency-key");tag="headcount";keyid="` + key + `";created=1`:    "not there",
		`a=("@method" 5 "content-digest" "idempotency-key");tag="headcount";keyid="` + key + `";created=1`:         "no string",
	} {
		r := signed(t)
		r.Header["Signature-Input"] = []string{input}
		if input == "" {
			r.Header.Del("Signature-Input")
		}
		_, err := Verify(r, []byte(body))
		assert.ErrorContains(t, err, want, input)
	}
}

// Other components, and a proxy's signature beside ours.
func TestASenderOfAnotherKind(t *testing.T) {
	r := signed(t)
	r.URL.RawQuery = "a=b"
	r.Header.Set("X-Two", " 1 ")
	r.Header.Add("X-Two", "2")
	covers := list(t, `("@query" "@authority" "host" "x-two" "@method" "content-digest" "idempotency-key");created=1;expires=2;tag="headcount"`)
	covers.Params.Add("keyid", base64.RawURLEncoding.EncodeToString(secret.Key("other").Public().(ed25519.PublicKey)))
	text, err := base(r, covers)
	require.NoError(t, err)
	assert.Contains(t, text, "\"@query\": ?a=b\n\"@authority\": example.com\n\"host\": example.com\n\"x-two\": 1, 2\n")
	inputs, signatures := httpsfv.NewDictionary(), httpsfv.NewDictionary()
	inputs.Add("s", covers)
	signatures.Add("s", httpsfv.NewItem(ed25519.Sign(secret.Key("other"), []byte(text))))
	for name, members := range map[string]*httpsfv.Dictionary{"Signature-Input": inputs, "Signature": signatures} {
		value, err := httpsfv.Marshal(members)
		require.NoError(t, err)
		r.Header[name] = []string{`proxy=("@method");created=5;keyid="p"`, value}
	}
	r.Header["Signature"][0] = "proxy=:AAAA:"
	signer, err := Verify(r, []byte(body))
	require.NoError(t, err)
	assert.Equal(t, time.Unix(2, 0), signer.Expires)
	assert.Equal(t, secret.Key("other").Public(), signer.Key)
}

// No header makes Verify panic, or accept a body that was not signed.
func FuzzVerify(f *testing.F) {
	r := httptest.NewRequest(http.MethodPost, "/stat", nil)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "0123")
	if err := Sign(r, []byte(body), secret.Key("i-1"), noon); err != nil {
		f.Fatal(err)
	}
	f.Add(r.Header.Get("Signature-Input"), r.Header.Get("Signature"), r.Header.Get("Content-Digest"), []byte(body))
	f.Add(`a=("@method";req "x");tag="headcount"`, "a=:AA==:", "sha-512=:AA==:", []byte("{}"))
	f.Fuzz(func(t *testing.T, input, signature, digest string, told []byte) {
		r := httptest.NewRequest(http.MethodPost, "/stat", nil)
		r.Header = http.Header{
			"Content-Type": {"application/json"}, "Idempotency-Key": {"0123"},
			"Signature-Input": {input}, "Signature": {signature}, "Content-Digest": {digest},
		}
		signer, err := Verify(r, told)
		if err == nil && bytes.Equal(signer.Key, secret.Key("i-1").Public().(ed25519.PublicKey)) && string(told) != body {
			t.Fatal("another body has this signature")
		}
	})
}
