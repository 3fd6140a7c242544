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
	// value makes one of the server's reply.
	value func(reply any) (source.Value, error)
	// none is the sum where no key has a value.
	none source.Value
}

var (
	// SCard is the number of members of a set.
	SCard = count("SCARD")
	// ZCard is the number of members of a sorted set.
	ZCard = count("ZCARD")
	// LLen is the number of elements of a list.
	LLen = count("LLEN")
	// HLen is the number of fields of a hash.
	HLen = count("HLEN")
	// PFCount is the approximate number of distinct values that a HyperLogLog has seen.
	PFCount = counted(func(key string) []any {
		// For one key the server would note the count in it; of two it takes the union.
		return []any{"PFCOUNT", key, key}
	})
)

// ZCount is the number of members of a sorted set whose score, a Unix time in seconds, is no longer ago than since.
func ZCount(since time.Duration) Command {
	return counted(func(key string) []any {
		return []any{"ZCOUNT", key, strconv.FormatInt(time.Now().Add(-since).Unix(), 10), "+inf"}
	})
}

// Get is the value of a string.
func Get(format decode.Format) Command {
	return Command{getRange, func(reply any) (source.Value, error) {
		text, isText := reply.(string)
		if !isText {
			return nil, errRefused
		}
		return format.Value([]byte(text))
	}, nil}
}

// getRange fetches one byte more than is taken, so that a longer value is known as such.
func getRange(key string) []any { return []any{"GETRANGE", key, 0, decode.MaxBytes} }

func count(name string) Command {
	return counted(func(key string) []any { return []any{name, key} })
}

func counted(words func(key string) []any) Command {
	return Command{words, func(reply any) (source.Value, error) {
		n, isCount := reply.(int64)
		if !isCount {
			return nil, errRefused
		}
		return n, nil
	}, int64(0)}
}
