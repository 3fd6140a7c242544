// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/headcount-otel/headcount/collect"
)

func header(pairs ...string) http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// goodRequests are ways to write a stat that the endpoint knows.
func goodRequests(stat collect.Stat, accepted []byte) map[string]request {
	spaced := new(bytes.Buffer)
	_ = json.Indent(spaced, accepted, "\r\n ", "\t") // Decode read it: it is JSON
	seconds := fmt.Sprint(stat.Time.Unix())
	write := func(format string) []byte {
		return []byte(strings.NewReplacer("ID", stat.InstanceID, "NAME", stat.Name, "SECONDS", seconds).Replace(format))
	}
	good := map[string]request{}
	for name, q := range map[string]request{
		"as it is":            {header: header(), body: accepted},
		"with white space":    {header: header(), body: append([]byte("\t\r\n "), append(spaced.Bytes(), " \n"...)...)},
		"keys in other order": {header: header(), body: write(`{"value":{},"name":"NAME","time":SECONDS.0,"instanceId":"ID"}`)},
		"escaped keys":        {header: header(), body: write(`{"\u0076alue":{},"name":"NAME","time":SECONDS.0,"instanceId":"ID"}`)},
		"whole seconds":       {header: header(), body: write(`{"instanceId":"ID","time":SECONDS,"value":{},"name":"NAME"}`)},
		"exponent in time":    {header: header(), body: write(`{"instanceId":"ID","time":1.5e9,"value":{},"name":"NAME"}`)},
		"nothing in value":    {header: header(), body: write(`{"instanceId":"ID","time":SECONDS.0,"value":{},"name":"NAME"}`)},
		"non-ASCII id":        {header: header(), body: write(`{"instanceId":"é😀\ud83d\ude00","time":SECONDS.0,"value":{},"name":"NAME"}`)},
		"charset":             {header: header("Content-Type", "application/json; charset=utf-8"), body: accepted},
		"with a key":          {header: header("Idempotency-Key", "c0ffee00c0ffee00c0ffee00c0ffee00"), body: accepted},
		"repeated":            {header: header("Idempotency-Key", "c0ffee00c0ffee00c0ffee00c0ffee00"), body: accepted},
	} {
		q.method, q.statuses = http.MethodPost, []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}
		good[name] = q
	}
	return good
}

// badRequests are requests that any endpoint refuses.
func badRequests(stat collect.Stat) map[string]request {
	bad := map[string]request{}
	for name, body := range badBodies(stat) {
		bad[name] = request{method: http.MethodPost, header: header(), body: []byte(body), statuses: []int{http.StatusBadRequest}}
	}
	good := inValue(stat, "")
	post := func(name string, h http.Header, body []byte, statuses ...int) {
		bad[name] = request{method: http.MethodPost, header: h, body: body, statuses: statuses}
	}
	const unsupported = http.StatusUnsupportedMediaType
	post("body of 1 MiB and a byte", header(), []byte(good+strings.Repeat(" ", collect.MaxBody+1-len(good))), http.StatusRequestEntityTooLarge)
	post("body of 20 MiB", header(), bytes.Repeat([]byte("["), 20<<20), http.StatusRequestEntityTooLarge)
	post("no content type", http.Header{}, []byte(good), unsupported)
	post("two content types", http.Header{"Content-Type": {"application/json", "text/plain"}}, []byte(good), unsupported)
	for _, other := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json+" + canary, "application/x-ndjson", "application/jsonp", "json", canary, "application/json; charset=utf-16", "application/json;;"} {
		post("content type "+other, header("Content-Type", other), []byte(good), unsupported)
	}
	post("gzip bomb", header("Content-Encoding", "gzip"), zipped(bytes.Repeat([]byte(" "), 100<<20)), http.StatusBadRequest, http.StatusRequestEntityTooLarge, unsupported)
	post("not gzip", header("Content-Encoding", "gzip"), []byte(good), http.StatusBadRequest, unsupported)
	post("gzip cut off", header("Content-Encoding", "gzip"), zipped([]byte(good))[:30], http.StatusBadRequest, unsupported)
	post("gzip that is not said", header(), zipped([]byte(good)), http.StatusBadRequest)
	post("gzip twice", header("Content-Encoding", "gzip, gzip"), zipped(zipped([]byte(good))), http.StatusBadRequest, unsupported)
	post("unknown encoding", header("Content-Encoding", canary), []byte(good), unsupported)
	post("empty key", header("Idempotency-Key", ""), []byte(good), http.StatusBadRequest)
	post("long key", header("Idempotency-Key", strings.Repeat(canary, 100)), []byte(good), http.StatusBadRequest)
	post("key with a space", header("Idempotency-Key", canary+" x"), []byte(good), http.StatusBadRequest)
	two := header()
	two["Idempotency-Key"] = []string{canary, canary}
	post("two keys", two, []byte(good), http.StatusBadRequest)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "CANARY"} {
		bad[method] = request{method: method, header: header(), statuses: []int{http.StatusMethodNotAllowed, http.StatusNotImplemented}}
	}
	bad["another path"] = request{method: http.MethodPost, path: "/" + canary, header: header(), body: []byte(good), statuses: []int{http.StatusNotFound}}
	bad["path and more"] = request{method: http.MethodPost, path: "/stat/../" + canary, header: header(), body: []byte(good), statuses: []int{http.StatusNotFound}}
	return bad
}

func zipped(text []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text) // a buffer takes it all
	_ = z.Close()
	return b.Bytes()
}
