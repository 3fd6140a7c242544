// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads a stat's JSON strictly: one object with exactly the four keys,
// no key twice, no arrays, finite numbers, valid Unicode, within the limits.
// A number with a point or an exponent is a double, one without an integer;
// time may be either and is rounded to the microsecond. Every refusal wraps one
// of this package's errors and never repeats the input.
func Decode(body []byte) (Stat, error) {
	if len(body) > MaxBody {
		return Stat{}, fmt.Errorf("the body: %w", ErrBodyLength)
	}
	if !utf8.Valid(body) {
		return Stat{}, ErrUTF8
	}
	r := readers.Get().(*reader)
	defer r.release()
	r.open(body)
	stat, err := r.stat()
	if err != nil {
		return Stat{}, err
	}
	if _, err := r.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return Stat{}, r.at(ErrTrailing)
	}
	return stat, nil
}

// readers keeps the decoders' tables for the next stat.
var readers = sync.Pool{New: func() any { return &reader{tokens: jsontext.NewDecoder(new(bytes.Buffer))} }}

type reader struct {
	tokens  *jsontext.Decoder
	input   bytes.Buffer
	body    []byte
	members int
}

// open begins to read body.
func (r *reader) open(body []byte) {
	r.body, r.members = body, 0
	r.input = *bytes.NewBuffer(body)
	r.tokens.Reset(&r.input)
}

// release gives the reader back, without the body.
func (r *reader) release() {
	r.body, r.input = nil, bytes.Buffer{}
	if r.members <= 256 { // the tables of a great stat are not worth keeping
		readers.Put(r)
	}
}

// at says where the reader stands.
func (r *reader) at(err error) error {
	return fmt.Errorf("%w (at byte %d)", err, r.tokens.InputOffset())
}

func (r *reader) next() (jsontext.Token, error) {
	token, err := r.tokens.ReadToken()
	if err != nil {
		return token, r.inOwnWords(err)
	}
	return token, nil
}

// inOwnWords replaces an error of the JSON decoder, which quotes the input.
func (r *reader) inOwnWords(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return r.at(ErrDuplicateKey)
	}
	syntactic := new(jsontext.SyntacticError)
	if !errors.As(err, &syntactic) {
		return r.at(ErrSyntax)
	}
	fault := ErrSyntax
	if surrogate(r.body, syntactic.ByteOffset) {
		fault = ErrUTF8
	}
	return fmt.Errorf("%w (at byte %d)", fault, syntactic.ByteOffset)
}

// surrogate reports whether what is wrong at offset is an escape like \uD800.
func surrogate(body []byte, offset int64) bool {
	rest := body[min(int(offset), len(body)):]
	return len(rest) > 3 && rest[0] == '\\' && rest[1] == 'u' && rest[2]|0x20 == 'd' && rest[3] >= '8'
}

func (r *reader) stat() (Stat, error) {
	var s Stat
	token, err := r.next()
	if err != nil {
		return s, err
	}
	if token.Kind() == '[' {
		return s, r.at(ErrArray)
	}
	if token.Kind() != '{' {
		return s, r.at(ErrNotObject)
	}
	var seen [4]bool
	for {
		key, err := r.next()
		if err != nil {
			return s, err
		}
		if key.Kind() == '}' {
			break
		}
		switch key.String() {
		case "instanceId":
			seen[0] = true
			s.InstanceID, err = r.nonEmpty("instanceId")
		case "time":
			seen[1] = true
			s.Time, err = r.time()
		case "value":
			seen[2] = true
			s.Value, err = r.value()
		case "name":
			seen[3] = true
			s.Name, err = r.nonEmpty("name")
		default:
			err = r.at(ErrUnknownKey)
		}
		if err != nil {
			return s, err
		}
	}
	for i, name := range [...]string{"instanceId", "time", "value", "name"} {
		if !seen[i] {
			return s, fmt.Errorf("%w: %s", ErrMissingKey, name)
		}
	}
	return s, nil
}

// nonEmpty reads the text under one of the four keys.
func (r *reader) nonEmpty(key string) (string, error) {
	token, err := r.next()
	if err != nil {
		return "", err
	}
	if token.Kind() != '"' {
		return "", fmt.Errorf("%w: %s is a text", r.at(ErrType), key)
	}
	text, err := r.text(token)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	if text == "" {
		return "", fmt.Errorf("%s %w", key, ErrEmpty)
	}
	return text, nil
}

func (r *reader) text(token jsontext.Token) (string, error) {
	text := token.String()
	if len(text) > MaxText {
		return "", r.at(ErrTextLength)
	}
	return text, nil
}

func (r *reader) time() (time.Time, error) {
	token, err := r.next()
	if err != nil {
		return time.Time{}, err
	}
	if token.Kind() != '0' {
		return time.Time{}, fmt.Errorf("%w: time is a number of Unix seconds", r.at(ErrType))
	}
	seconds, err := token.Float()
	if err != nil {
		return time.Time{}, fmt.Errorf("time: %w", r.at(ErrNotFinite))
	}
	whole, fraction := math.Modf(seconds)
	if math.Signbit(seconds) && seconds != 0 || whole >= float64(endOfTime.Unix()) {
		return time.Time{}, ErrTime
	}
	at := time.Unix(int64(whole), int64(math.Round(fraction*1e6))*1000).UTC()
	if !at.Before(endOfTime) {
		return time.Time{}, ErrTime
	}
	return at, nil
}
