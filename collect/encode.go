// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalJSON returns the stat's JSON; see AppendJSON.
func (s *Stat) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// AppendJSON appends the stat's JSON to dst: the keys instanceId, time, value
// and name, and those of value in ascending order. An integer is written
// without a point, a double always with one. What Decode would refuse is an
// error that names the key, never what it holds; dst is then returned as it was.
func (s *Stat) AppendJSON(dst []byte) ([]byte, error) {
	start := len(dst)
	out, err := s.appendStat(slices.Grow(dst, s.sizeHint()))
	if err == nil && len(out)-start > MaxBody {
		err = fmt.Errorf("the stat: %w", ErrBodyLength)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

func (s *Stat) appendStat(dst []byte) ([]byte, error) {
	var err error
	if s.InstanceID == "" || s.Name == "" {
		return nil, fmt.Errorf("instanceId and name %w", ErrEmpty)
	}
	dst = append(dst, `{"instanceId":`...)
	if dst, err = appendText(dst, s.InstanceID); err != nil {
		return nil, fmt.Errorf("instanceId: %w", err)
	}
	dst = append(dst, `,"time":`...)
	if dst, err = appendTime(dst, s.Time); err != nil {
		return nil, err
	}
	dst = append(dst, `,"value":`...)
	if dst, err = s.appendValue(dst); err != nil {
		return nil, err
	}
	dst = append(dst, `,"name":`...)
	if dst, err = appendText(dst, s.Name); err != nil {
		return nil, fmt.Errorf("name: %w", err)
	}
	return append(dst, '}'), nil
}

// appendValue writes the members of value; its keys are the configuration's, so errors name them.
func (s *Stat) appendValue(dst []byte) ([]byte, error) {
	members := len(s.Value)
	for i := range s.Value {
		members += len(s.Value[i].Value.object)
		if s.Value[i].Key == "" {
			return nil, fmt.Errorf("a key of value %w", ErrEmpty)
		}
	}
	if members > MaxMembers {
		return nil, ErrMembers
	}
	return appendObject(dst, s.Value, 0)
}

// AppendJSON appends the object as the wire format writes a stat's value.
func (o Object) AppendJSON(dst []byte) ([]byte, error) { return appendObject(dst, o, 0) }

// appendObject writes members; depth 0 is value itself, 1 a group within it.
// Keys of a group are data, so only the key of value is named in an error.
func appendObject(dst []byte, object Object, depth int) ([]byte, error) {
	var err error
	dst = append(dst, '{')
	for i := range object {
		m := &object[i]
		if i > 0 {
			if m.Key <= object[i-1].Key {
				return nil, keyError(m.Key, depth, ErrDuplicateKey)
			}
			dst = append(dst, ',')
		}
		if dst, err = appendText(dst, m.Key); err == nil {
			dst, err = appendScalarOrGroup(append(dst, ':'), &m.Value, depth)
		}
		if err != nil {
			return nil, keyError(m.Key, depth, err)
		}
	}
	return append(dst, '}'), nil
}

func keyError(key string, depth int, err error) error {
	if depth > 0 {
		return err
	}
	if len(key) > MaxText {
		key = key[:MaxText] + "…"
	}
	return fmt.Errorf("value: %q: %w", key, err)
}

func appendScalarOrGroup(dst []byte, v *Value, depth int) ([]byte, error) {
	switch v.kind {
	case KindNull:
		return append(dst, "null"...), nil
	case KindBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case KindInt:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case KindDouble:
		return appendDouble(dst, v.Double())
	case KindText:
		return appendText(dst, v.text)
	default:
		if depth > 0 {
			return nil, ErrDepth
		}
		return appendObject(dst, v.object, depth+1)
	}
}

func appendText(dst []byte, text string) ([]byte, error) {
	if len(text) > MaxText {
		return nil, ErrTextLength
	}
	dst, err := jsontext.AppendQuote(dst, text)
	if err != nil { // it has only one
		return nil, ErrUTF8
	}
	return dst, nil
}

// appendDouble writes the shortest decimal that reads back as f, with a point.
func appendDouble(dst []byte, f float64) ([]byte, error) {
	if !finite(f) {
		return nil, ErrNotFinite
	}
	start, format := len(dst), byte('f')
	if magnitude := math.Abs(f); magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if bytes.IndexByte(dst[start:], '.') >= 0 {
		return dst, nil
	}
	if at := bytes.IndexByte(dst[start:], 'e'); at >= 0 {
		return slices.Insert(dst, start+at, '.', '0'), nil
	}
	return append(dst, '.', '0'), nil
}

// appendTime writes Unix seconds with a point, to the microsecond.
func appendTime(dst []byte, t time.Time) ([]byte, error) {
	if t.Before(time.Unix(0, 0)) || !t.Before(endOfTime) {
		return nil, fmt.Errorf("time: %w", ErrTime)
	}
	dst = strconv.AppendInt(dst, t.Unix(), 10)
	micros := int64(t.Nanosecond() / 1000)
	dst = append(dst, '.')
	for digit := int64(100_000); ; digit /= 10 {
		dst = append(dst, byte('0'+micros/digit))
		if micros %= digit; micros == 0 {
			return dst, nil
		}
	}
}

// sizeHint is at least the length of a stat whose texts need no escapes.
func (s *Stat) sizeHint() int {
	const frame, number = 80, 26
	size := frame + len(s.InstanceID) + len(s.Name)
	for i := range s.Value {
		m := &s.Value[i]
		size += len(m.Key) + len(m.Value.text) + number
		for j := range m.Value.object {
			g := &m.Value.object[j]
			size += len(g.Key) + len(g.Value.text) + number
		}
	}
	return size
}
