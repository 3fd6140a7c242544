// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package memcachedsource

import (
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// unmarshal reads a scalar as Ruby's Marshal 4.8 writes it; anything more is refused.
func unmarshal(data []byte) (source.Value, error) {
	text, isMarshal := strings.CutPrefix(string(data), "\x04\x08")
	if !isMarshal || text == "" {
		return nil, errOther
	}
	kind, rest := text[0], text[1:]
	switch kind {
	case '0', 'T', 'F':
		if rest != "" {
			return nil, errOther
		}
		return map[byte]source.Value{'0': nil, 'T': true, 'F': false}[kind], nil
	case 'i':
		n, rest, ok := fixnum(rest)
		if !ok || rest != "" {
			return nil, errOther
		}
		return n, nil
	case 'l':
		return bignum(rest)
	case 'f':
		digits, rest, ok := counted(rest)
		value, err := strconv.ParseFloat(digits, 64)
		if !ok || rest != "" || err != nil {
			return nil, errOther
		}
		return finite(value, nil)
	case '"':
		value, rest, ok := counted(rest)
		if !ok || rest != "" {
			return nil, errOther
		}
		return value, nil
	case 'I': // a text with its encoding: one instance variable, E, for UTF-8 or ASCII
		quoted, isText := strings.CutPrefix(rest, `"`)
		value, behind, ok := counted(quoted)
		if !ok || !isText || behind != "\x06:\x06ET" && behind != "\x06:\x06EF" {
			return nil, errOther
		}
		return value, nil
	default:
		return nil, errOther
	}
}

// fixnum reads Ruby's short integers: one byte near zero, else how many bytes follow, the lowest first.
func fixnum(text string) (n int64, rest string, ok bool) {
	if text == "" {
		return 0, "", false
	}
	first, rest := int8(text[0]), text[1:]
	switch {
	case first == 0:
		return 0, rest, true
	case first > 4:
		return int64(first) - 5, rest, true
	case first < -4:
		return int64(first) + 5, rest, true
	}
	width := int(max(first, -first))
	if len(rest) < width {
		return 0, "", false
	}
	if first < 0 {
		n = -1
	}
	for i := range width {
		n = n&^(0xff<<(8*i)) | int64(rest[i])<<(8*i)
	}
	return n, rest[width:], true
}

// bignum reads a longer one: its sign, and how many pairs of bytes follow.
func bignum(text string) (source.Value, error) {
	if len(text) < 2 {
		return nil, errOther
	}
	pairs, rest, ok := fixnum(text[1:])
	switch {
	case !ok || pairs < 0 || pairs*2 != int64(len(rest)):
		return nil, errOther
	case pairs > 4 || pairs == 4 && rest[7] > 0x7f:
		return nil, source.ErrRange
	}
	var n int64
	for i := range rest {
		n |= int64(rest[i]) << (8 * i)
	}
	if text[0] == '-' {
		n = -n
	}
	return n, nil
}

// counted reads a length and as many bytes.
func counted(text string) (value, rest string, ok bool) {
	n, rest, ok := fixnum(text)
	if !ok || n < 0 || n > int64(len(rest)) {
		return "", "", false
	}
	return rest[:n], rest[n:], true
}
