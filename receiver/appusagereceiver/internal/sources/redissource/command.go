// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"strconv"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Command asks one key for one value. It changes nothing.
type Command struct {
	// words are the command's name and arguments for a key.
	words func(key string) []any
	// before, unless it is nil, is asked first, and the reading fails where doubt returns an error for the reply.
	before func(key string) [][]any
	doubt  func(reply any) error
	// value makes one of the server's reply.
	value func(reply any) (source.Value, error)
	// none is the sum where no key has a value.
	none source.Value
}

// Count is a command that answers for a key with a number of what is under it, such as SCARD.
func Count(name string) Command {
	return counted(func(key string) []any { return []any{name, key} })
}

// PFCount is the approximate number of distinct values that a HyperLogLog has seen.
// For one key the server would note the count in it; of two it takes the union.
var PFCount = counted(func(key string) []any { return []any{"PFCOUNT", key, key} })

// Unit is how many of the units in which a score counts make a second.
type Unit int64

// Units are those of Unix times, by their names.
var Units = map[string]Unit{"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}

var errUnit = &source.Error{Reason: "there are scores that are no Unix times in the unit: write `unit: s`, ms, us or ns as the application counts"}

// ZCount is the number of members of a sorted set whose score, a Unix time, is no longer ago than since.
func ZCount(since time.Duration, unit Unit) Command {
	c := counted(func(key string) []any {
		return []any{"ZCOUNT", key, time.Now().Add(-since).Unix() * int64(unit), "+inf"}
	})
	// From 1973 to 5138 a time in one unit is none in another: with a wrong one all scores would be in the window, or none. Before
	// are days, ranks and points; what is below zero sorts the newest first.
	c.before = func(key string) [][]any {
		return [][]any{
			{"ZCOUNT", key, 1e11 * float64(unit), "(+inf"},
			{"ZCOUNT", key, "(0", "(" + strconv.FormatInt(1e8*int64(unit), 10)},
			{"ZCOUNT", key, "(-inf", "(0"},
		}
	}
	c.doubt = func(reply any) error {
		if members, isCount := reply.(int64); !isCount || members > 0 {
			return errUnit
		}
		return nil
	}
	return c
}

// Get is the value of a string.
func Get(format decode.Format) Command {
	return Command{words: getRange, value: formatted(format)}
}

// HGet is the value of a field of a hash.
func HGet(field string, format decode.Format) Command {
	return Command{
		before: func(key string) [][]any { return [][]any{{"HSTRLEN", key, field}} },
		doubt: func(reply any) error {
			if bytes, isSize := reply.(int64); !isSize || bytes > decode.MaxBytes {
				return decode.ErrTooLarge
			}
			return nil
		},
		words: func(key string) []any { return []any{"HGET", key, field} },
		value: formatted(format),
	}
}

// getRange fetches one byte more than is taken, so that a longer value is known as such.
func getRange(key string) []any { return []any{"GETRANGE", key, 0, decode.MaxBytes} }

func counted(words func(key string) []any) Command {
	return Command{words: words, none: int64(0), value: func(reply any) (source.Value, error) {
		n, isCount := reply.(int64)
		if !isCount {
			return nil, errReply
		}
		return n, nil
	}}
}

// formatted decodes a text; without one there is nothing.
func formatted(format decode.Format) func(reply any) (source.Value, error) {
	return func(reply any) (source.Value, error) {
		data, isText := reply.([]byte)
		if !isText && reply != nil {
			return nil, errReply
		}
		return format.Value(data)
	}
}
