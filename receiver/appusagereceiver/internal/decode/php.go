// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errSerialized = &source.Error{Reason: "PHP serialized the value, as Laravel's cache does: write `as: php`"}
	errPHP        = &source.Error{Reason: "it is nothing that PHP's serialize() wrote, or more than nothing, a boolean, a number or a text"}

	// serialized is what PHP's serialize() writes.
	serialized = regexp.MustCompile(`^(?s:N;|b:[01];|i:-?\d+;|d:[^;]+;|s:\d+:".*";|[aOCE]:\d+:.*[};])$`)
)

// unserialize reads a scalar that PHP's serialize() wrote.
func unserialize(text string) (source.Value, error) {
	kind, rest, _ := strings.Cut(text, ":")
	value, isWhole := strings.CutSuffix(rest, ";")
	switch {
	case text == "N;":
		return nil, nil
	case !isWhole:
		return nil, errPHP
	}
	switch kind {
	case "b":
		if value == "0" || value == "1" {
			return value == "1", nil
		}
	case "i":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n, nil
		}
	case "d":
		if x, err := strconv.ParseFloat(value, 64); err == nil {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, source.ErrRange
			}
			return x, nil
		}
	case "s":
		length, quoted, _ := strings.Cut(value, ":")
		if len(quoted) >= 2 && quoted == `"`+quoted[1:len(quoted)-1]+`"` && length == fmt.Sprint(len(quoted)-2) && utf8.ValidString(quoted) {
			return source.Text(quoted[1 : len(quoted)-1])
		}
	}
	return nil, errPHP
}
