// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package bhttp

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	require.NoError(t, err)
	return data
}

// The examples of RFC 9292, 5.1: one request in both forms, the second padded.
const (
	knownLength = `00034745 54056874 74707300 0a2f6865 6c6c6f2e 74787440 6c0a7573 65722d61
		67656e74 34637572 6c2f372e 31362e33 206c6962 6375726c 2f372e31 362e3320
		4f70656e 53534c2f 302e392e 376c207a 6c69622f 312e322e 3304686f 73740f77
		77772e65 78616d70 6c652e63 6f6d0f61 63636570 742d6c61 6e677561 67650665
		6e2c206d 690000`
	indeterminateLength = `02034745 54056874 74707300 0a2f6865 6c6c6f2e 7478740a 75736572 2d616765
		6e743463 75726c2f 372e3136 2e33206c 69626375 726c2f37 2e31362e 33204f70
		656e5353 4c2f302e 392e376c 207a6c69 622f312e 322e3304 686f7374 0f777777
		2e657861 6d706c65 2e636f6d 0f616363 6570742d 6c616e67 75616765 06656e2c
		206d6900 00000000 00000000 00000000`
)

func TestRFC9292Requests(t *testing.T) {
	want := &Request{
		Method: "GET", Scheme: "https", Path: "/hello.txt",
		Header: http.Header{
			"User-Agent": {"curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3"},
			"Host":       {"www.example.com"}, "Accept-Language": {"en, mi"},
		},
	}
	for name, text := range map[string]string{"known": knownLength, "indeterminate": indeterminateLength} {
		got, err := DecodeRequest(unhex(t, text))
		require.NoError(t, err, name)
		assert.Empty(t, got.Body, name)
		got.Body = nil
		assert.Equal(t, want, got, name)
	}
}

// A response of indeterminate length with an informational one before it and chunks (RFC 9292, 3.5.1 and 3.2).
func TestInformationalResponsesAreReadPast(t *testing.T) {
	message := []byte{indeterminateLengthResponse, 0x40, 103}
	message = appendText(appendText(message, "link"), "</style.css>; rel=preload")
	message = append(message, 0, 0x41, 0x94) // 404
	message = appendText(appendText(message, "content-type"), "text/plain")
	message = append(message, 0)
	message = appendText(appendText(message, "not "), "here")
	message = append(message, 0, 0)
	got, err := DecodeResponse(message)
	require.NoError(t, err)
	assert.Equal(t, &Response{Status: 404, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("not here")}, got)
}

// What ends at the end of a part is whole; what ends inside one is not.
func TestTruncation(t *testing.T) {
	whole := (&Request{Method: "POST", Scheme: "https", Authority: "a", Path: "/", Header: http.Header{"X": {"y"}}, Body: []byte("body")}).Append(nil)
	ends := map[int]bool{}
	for cut := range whole {
		if _, err := DecodeRequest(whole[:cut]); err == nil {
			ends[cut] = true
		}
	}
	assert.Equal(t, map[int]bool{len(whole) - 1: true, len(whole) - 1 - 5: true, len(whole) - 1 - 5 - 5: true}, ends,
		"without trailers, without content, without a header section")
}

func TestRefused(t *testing.T) {
	valid := (&Request{Method: "GET", Scheme: "https", Path: "/"}).Append(nil)
	upper := append(appendText([]byte{0, 1, 'G', 1, 's', 0, 1, '/'}, "\x01A\x01b"), 0, 0)
	for name, data := range map[string][]byte{
		"empty":                   {},
		"a response":              (&Response{Status: 200}).Append(nil),
		"another framing":         append([]byte{4}, valid[1:]...),
		"more behind its end":     append(valid, 0, 0, 1),
		"an upper case name":      upper,
		"a length beyond the end": {0, 0x3f},
	} {
		_, err := DecodeRequest(data)
		require.Error(t, err, name)
	}
	for _, status := range []uint64{0, 99, 600, 1 << 40} {
		_, err := DecodeResponse(appendVarint([]byte{knownLengthResponse}, status))
		require.Error(t, err, status)
	}
}

func TestPaddingGoesToTheNextSize(t *testing.T) {
	r := &Request{Method: "POST", Scheme: "https", Authority: "example.com", Path: "/stat", Body: make([]byte, 100)}
	plain := len(r.Append(nil))
	assert.Len(t, r.Append(nil, 64, plain, 1024), plain)
	assert.Len(t, r.Append(nil, plain-1, plain+1), plain+1)
	assert.Len(t, r.Append(nil, 10), plain, "what is longer than all sizes is not padded")
	assert.Len(t, r.Append([]byte("before"), 512), 6+512)
	got, err := DecodeRequest(r.Append(nil, 1024))
	require.NoError(t, err)
	assert.Equal(t, r.Body, got.Body)
}

func TestRoundTrip(t *testing.T) {
	header := rapid.MapOfN(rapid.StringMatching("[A-Z][a-z0-9]{0,8}"), rapid.SliceOfN(rapid.StringMatching("[a-z ;=]{0,20}"), 1, 3), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		want := &Request{
			Method: rapid.StringMatching("[A-Z]{1,8}").Draw(t, "method"), Scheme: "https",
			Authority: rapid.StringMatching("[a-z.]{0,80}").Draw(t, "authority"), Path: rapid.StringMatching("/[a-z/]{0,200}").Draw(t, "path"),
			Header: header.Draw(t, "header"), Body: rapid.SliceOfN(rapid.Byte(), 1, 20000).Draw(t, "body"),
		}
		got, err := DecodeRequest(want.Append(nil, 256, 4096))
		require.NoError(t, err)
		require.Equal(t, want, got)

		answered := &Response{Status: rapid.IntRange(200, 599).Draw(t, "status"), Header: want.Header, Body: want.Body}
		back, err := DecodeResponse(answered.Append(nil, 256))
		require.NoError(t, err)
		require.Equal(t, answered, back)
	})
}

func TestVarint(t *testing.T) {
	for _, v := range []uint64{0, 63, 64, 16383, 16384, 1<<30 - 1, 1 << 30, 1<<62 - 1} {
		d := &decoder{rest: appendVarint(nil, v)}
		got, err := d.varint()
		require.NoError(t, err)
		assert.Equal(t, v, got)
		assert.Empty(t, d.rest)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(unhex(f, knownLength))
	f.Add(unhex(f, indeterminateLength))
	f.Add((&Response{Status: 503, Header: http.Header{"Retry-After": {"60"}}, Body: []byte("later")}).Append(nil, 512))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := DecodeRequest(data); err == nil {
			back, err := DecodeRequest(r.Append(nil))
			require.NoError(t, err)
			require.Equal(t, r.Header, back.Header)
			require.Equal(t, string(r.Body), string(back.Body))
		}
		if r, err := DecodeResponse(data); err == nil {
			back, err := DecodeResponse(r.Append(nil))
			require.NoError(t, err)
			require.Equal(t, r.Status, back.Status)
		}
	})
}
