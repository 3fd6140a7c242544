// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package bhttp

import (
	"net/http"
	"slices"
	"strings"
)

// The framing indicators of RFC 9292, 3.3.
const (
	knownLengthRequest          = 0
	knownLengthResponse         = 1
	indeterminateLengthRequest  = 2
	indeterminateLengthResponse = 3
)

// Request is an HTTP request.
type Request struct {
	Method, Scheme, Authority, Path string
	Header                          http.Header
	Body                            []byte
}

// Response is a final HTTP response; informational ones before it are read past.
type Response struct {
	// Status is from 200 to 599.
	Status int
	Header http.Header
	Body   []byte
}

// Append appends the request in its known-length form, padded with zeros to the
// next of sizes, which ascend; what is longer than all of them is not padded.
func (r *Request) Append(b []byte, sizes ...int) []byte {
	start := len(b)
	b = append(grown(b, sizes), knownLengthRequest)
	for _, text := range []string{r.Method, r.Scheme, r.Authority, r.Path} {
		b = appendText(b, text)
	}
	return padded(appendRest(b, r.Header, r.Body), start, sizes)
}

// Append appends the response in its known-length form, padded like a request.
func (r *Response) Append(b []byte, sizes ...int) []byte {
	start := len(b)
	b = appendVarint(append(grown(b, sizes), knownLengthResponse), uint64(r.Status))
	return padded(appendRest(b, r.Header, r.Body), start, sizes)
}

// appendRest appends fields in order of their names, and the body.
func appendRest(b []byte, header http.Header, body []byte) []byte {
	names := make([]string, 0, 8)
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	section := make([]byte, 0, 512)
	for _, name := range names {
		for _, value := range header[name] {
			section = appendText(appendText(section, strings.ToLower(name)), value)
		}
	}
	b = appendText(appendText(b, section), body)
	return appendVarint(b, 0) // no trailers
}

// grown makes room for a message of the first size, which most have.
func grown(b []byte, sizes []int) []byte {
	if len(sizes) == 0 {
		return b
	}
	return slices.Grow(b, sizes[0])
}

func padded(b []byte, start int, sizes []int) []byte {
	for _, size := range sizes {
		if missing := size - (len(b) - start); missing >= 0 {
			return append(b, make([]byte, missing)...)
		}
	}
	return b
}
