// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"fmt"
	"strconv"
)

// DecodeObject reads what AppendJSON wrote.
func DecodeObject(text []byte) (Object, error) {
	r := readers.Get().(*reader)
	defer r.release()
	r.open(text)
	return r.value()
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
	const typical = 16
	members := make(Object, 0, typical>>(2*depth))
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
	if r.tokens.PeekKind() == '0' {
		return r.number()
	}
	token, err := r.next()
	if err != nil {
		return Value{}, err
	}
	switch token.Kind() {
	case 'n':
		return Null(), nil
	case 't', 'f':
		return Bool(token.Bool()), nil
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
func (r *reader) number() (Value, error) {
	raw, err := r.tokens.ReadValue()
	if err != nil {
		return Value{}, r.inOwnWords(err)
	}
	if bytes.ContainsAny(raw, ".eE") {
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			return Value{}, r.at(ErrNotFinite)
		}
		return Double(f), nil
	}
	i, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return Value{}, r.at(ErrIntegerRange)
	}
	return Int(i), nil
}
