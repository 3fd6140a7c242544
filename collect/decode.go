// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
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
	r := reader{tokens: jsontext.NewDecoder(bytes.NewBuffer(body)), body: body}
	stat, err := r.stat()
	if err != nil {
		return Stat{}, err
	}
	if _, err := r.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		return Stat{}, r.at(ErrTrailing)
	}
	return stat, nil
}

type reader struct {
	tokens  *jsontext.Decoder
	body    []byte
	members int
}

// at says where the reader stands.
func (r *reader) at(err error) error {
	return fmt.Errorf("%w (at byte %d)", err, r.tokens.InputOffset())
}

// next returns the next token; an error of the JSON decoder, which quotes the input, is put in our own words.
func (r *reader) next() (jsontext.Token, error) {
	token, err := r.tokens.ReadToken()
	if err == nil {
		return token, nil
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return token, r.at(ErrDuplicateKey)
	}
	syntactic := new(jsontext.SyntacticError)
	if errors.As(err, &syntactic) {
		if surrogate(r.body, syntactic.ByteOffset) {
			return token, fmt.Errorf("%w (at byte %d)", ErrUTF8, syntactic.ByteOffset)
		}
		return token, fmt.Errorf("%w (at byte %d)", ErrSyntax, syntactic.ByteOffset)
	}
	return token, r.at(ErrSyntax)
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

func (r *reader) value() (Object, error) {
	token, err := r.next()
	if err != nil {
		return nil, err
	}
	if token.Kind() == '[' {
		return nil, r.at(ErrArray)
	}
	if token.Kind() != '{' {
		return nil, fmt.Errorf("%w: value is an object", r.at(ErrType))
	}
	return r.object(0)
}

// object reads members up to the closing brace; depth 0 is value itself, 1 a group within it.
func (r *reader) object(depth int) (Object, error) {
	members := Object{}
	for {
		token, err := r.next()
		if err != nil {
			return nil, err
		}
		if token.Kind() == '}' {
			return NewObject(members...), nil
		}
		if r.members++; r.members > MaxMembers {
			return nil, ErrMembers
		}
		key, err := r.text(token)
		if err != nil {
			return nil, fmt.Errorf("a key: %w", err)
		}
		if key == "" && depth == 0 {
			return nil, fmt.Errorf("a key of value %w", r.at(ErrEmpty))
		}
		v, err := r.scalarOrGroup(depth)
		if err != nil {
			return nil, err
		}
		members = append(members, Member{key, v})
	}
}

func (r *reader) scalarOrGroup(depth int) (Value, error) {
	token, err := r.next()
	if err != nil {
		return Value{}, err
	}
	switch token.Kind() {
	case 'n':
		return Null(), nil
	case 't', 'f':
		return Bool(token.Bool()), nil
	case '0':
		return r.number(token)
	case '"':
		text, err := r.text(token)
		return Text(text), err
	case '{':
		if depth > 0 {
			return Value{}, r.at(ErrDepth)
		}
		members, err := r.object(depth + 1)
		return Group(members), err
	default:
		return Value{}, r.at(ErrArray)
	}
}

// number reads an integer where there is neither point nor exponent, else a double.
func (r *reader) number(token jsontext.Token) (Value, error) {
	raw := token.String()
	for i := range len(raw) {
		if c := raw[i]; c == '.' || c|0x20 == 'e' {
			f, err := token.Float()
			if err != nil {
				return Value{}, r.at(ErrNotFinite)
			}
			return Double(f), nil
		}
	}
	i, err := token.Int()
	if err != nil {
		return Value{}, r.at(ErrIntegerRange)
	}
	return Int(i), nil
}
