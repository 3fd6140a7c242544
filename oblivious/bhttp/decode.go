// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package bhttp

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/net/http/httpguts"
)

// errTruncated is a message that ends inside one of its parts.
var errTruncated = errors.New("binary HTTP message ends too early")

// DecodeRequest reads a request in either form. Its errors name the part that
// is wrong and never a value. Body shares data's memory where it can.
func DecodeRequest(data []byte) (*Request, error) {
	d := &decoder{rest: data}
	framing, err := d.varint()
	if err != nil || (framing != knownLengthRequest && framing != indeterminateLengthRequest) {
		return nil, errors.New("no binary HTTP request")
	}
	r := &Request{}
	for _, part := range []*string{&r.Method, &r.Scheme, &r.Authority, &r.Path} {
		text, err := d.text()
		if err != nil {
			return nil, err
		}
		*part = string(text)
	}
	r.Header, r.Body, err = d.remainder(framing == knownLengthRequest)
	return r, err
}

// DecodeResponse reads a response in either form, like DecodeRequest. The final
// response is what counts; informational ones before it are read past.
func DecodeResponse(data []byte) (*Response, error) {
	d := &decoder{rest: data}
	framing, err := d.varint()
	if err != nil || (framing != knownLengthResponse && framing != indeterminateLengthResponse) {
		return nil, errors.New("no binary HTTP response")
	}
	known := framing == knownLengthResponse
	for {
		status, err := d.varint()
		switch {
		case err != nil:
			return nil, err
		case status >= 100 && status < 200:
			if _, err := d.fields(known); err != nil {
				return nil, err
			}
			continue
		case status < 200 || status > 599:
			return nil, fmt.Errorf("binary HTTP response has a status that HTTP has not: %d", status)
		}
		r := &Response{Status: int(status)}
		r.Header, r.Body, err = d.remainder(known)
		return r, err
	}
}

type decoder struct{ rest []byte }

// remainder reads fields, content, trailers and padding. What ends early, at the
// end of one of these parts, ends as if the others were empty (RFC 9292, 3.8).
func (d *decoder) remainder(known bool) (header http.Header, body []byte, err error) {
	if header, err = d.fields(known); err != nil {
		return nil, nil, err
	}
	if body, err = d.content(known); err != nil {
		return nil, nil, err
	}
	if _, err = d.fields(known); err != nil {
		return nil, nil, err
	}
	if len(bytes.TrimLeft(d.rest, "\x00")) > 0 {
		return nil, nil, errors.New("binary HTTP message has more behind its end than padding")
	}
	return header, body, nil
}

// fields reads a header or a trailer section: behind a length, or up to an empty name.
func (d *decoder) fields(known bool) (http.Header, error) {
	header := http.Header{}
	if len(d.rest) == 0 {
		return header, nil
	}
	section := d
	if known {
		text, err := d.text()
		if err != nil {
			return nil, err
		}
		section = &decoder{rest: text}
	}
	for !known || len(section.rest) > 0 {
		name, err := section.text()
		if err != nil {
			return nil, err
		}
		if len(name) == 0 && !known {
			return header, nil
		}
		value, err := section.text()
		if err != nil {
			return nil, err
		}
		if !httpguts.ValidHeaderFieldName(string(name)) || !httpguts.ValidHeaderFieldValue(string(value)) || bytes.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return nil, errors.New("binary HTTP message has a field that HTTP has not")
		}
		header.Add(string(name), string(value))
	}
	return header, nil
}

// content reads the body: behind a length, or in chunks up to an empty one.
func (d *decoder) content(known bool) (body []byte, err error) {
	if len(d.rest) == 0 {
		return nil, nil
	}
	if known {
		return d.text()
	}
	for {
		chunk, err := d.text()
		if err != nil {
			return nil, err
		}
		if len(chunk) == 0 {
			return body, nil
		}
		body = append(body, chunk...)
	}
}

// text reads a length and as many bytes.
func (d *decoder) text() ([]byte, error) {
	length, err := d.varint()
	if err != nil {
		return nil, err
	}
	if length > uint64(len(d.rest)) {
		return nil, errTruncated
	}
	text := d.rest[:length:length]
	d.rest = d.rest[length:]
	return text, nil
}

func (d *decoder) varint() (uint64, error) {
	if len(d.rest) == 0 {
		return 0, errTruncated
	}
	length := 1 << (d.rest[0] >> 6)
	if len(d.rest) < length {
		return 0, errTruncated
	}
	v := uint64(d.rest[0] & 0x3f)
	for _, b := range d.rest[1:length] {
		v = v<<8 | uint64(b)
	}
	d.rest = d.rest[length:]
	return v, nil
}
