// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package memcachedsource

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errFlags      = &source.Error{Reason: "the value's flags say that a client library encoded it: write its name as `client`"}
	errOther      = &source.Error{Reason: "the value's flags are none that this `client` sets for a scalar: it was written by another, or is a list, an object or a large number"}
	errCompressed = &source.Error{Reason: "the client library compressed the value: only scalars can be read"}
)

// encoding is how a client library writes values: what the flags say that a value is.
type encoding struct {
	// compressed are the flags of a compressed value.
	compressed uint32
	// kinds decode a value by its other flags; text is decoded as the reading says.
	kinds map[uint32]func(data []byte) (source.Value, error)
	// json is the flag of a value in JSON, where the client sets one, or lets a serializer write JSON under one of its own.
	json uint32
}

// clients are the encodings of client libraries, by name. The same flag means another thing to each.
var clients = map[string]encoding{
	"pymemcache":       {compressed: 1 << 3, json: 1 << 1, kinds: map[uint32]func([]byte) (source.Value, error){0: nil, 16: nil, 1: decode.Unpickle, 2: digits, 4: digits}},
	"pylibmc":          {compressed: 1 << 3, kinds: map[uint32]func([]byte) (source.Value, error){0: nil, 16: nil, 1: decode.Unpickle, 2: zeroOne, 4: digits}},
	"python-memcached": {compressed: 1 << 3, kinds: map[uint32]func([]byte) (source.Value, error){0: nil, 16: nil, 1: decode.Unpickle, 2: digits, 4: digits}},
	"dalli":            {compressed: 1 << 1, json: 1, kinds: map[uint32]func([]byte) (source.Value, error){0: nil, 1: unmarshal}},
	"spymemcached":     spymemcached,
	"xmemcached":       spymemcached,
	"node":             {json: 1 << 1, kinds: map[uint32]func([]byte) (source.Value, error){0: nil, 1 << 2: nil, 1 << 3: number}},
	"php":              {compressed: 1<<4 | 1<<5 | 1<<6, json: 6, kinds: map[uint32]func([]byte) (source.Value, error){0: nil, 1: digits, 2: fraction, 3: zeroOne}},
}

// spymemcached writes numbers as the bytes that they are, without leading zeros.
var spymemcached = encoding{compressed: 1 << 1, kinds: map[uint32]func([]byte) (source.Value, error){
	0: nil, 1 << 8: zeroOne, 2 << 8: signed(4), 3 << 8: signed(8), 5 << 8: signed(1),
	4 << 8: func(data []byte) (source.Value, error) {
		bits, err := big(data, 8)
		return time.UnixMilli(int64(bits)).UTC(), err
	},
	6 << 8: func(data []byte) (source.Value, error) {
		bits, err := big(data, 4)
		return finite(float64(math.Float32frombits(uint32(bits))), err)
	},
	7 << 8: func(data []byte) (source.Value, error) {
		bits, err := big(data, 8)
		return finite(math.Float64frombits(bits), err)
	},
}}

// Clients are the names of the client libraries that are known.
func Clients() []string { return slices.Sorted(maps.Keys(clients)) }

// decodeAs reads a value as the client library wrote it; without one only what was written as it stands.
func decodeAs(client string, data []byte, flags uint32, format decode.Format) (source.Value, error) {
	if client == "" {
		if flags != 0 {
			return nil, errFlags
		}
		return format.Value(data)
	}
	of := clients[client]
	if flags&of.compressed != 0 {
		return nil, errCompressed
	}
	kind, known := of.kinds[flags]
	switch {
	case of.json != 0 && flags == of.json && (!known || format.Encoding == decode.JSON && jsontext.Value(data).IsValid()):
		return decode.Format{Encoding: decode.JSON, Pointer: format.Pointer}.Value(data)
	case !known:
		return nil, errOther
	case kind == nil:
		return format.Value(data)
	}
	value, err := kind(data)
	if text, isText := value.(string); isText && err == nil {
		return format.Value([]byte(text))
	}
	return value, err
}

func digits(data []byte) (source.Value, error) {
	return decode.Format{Encoding: decode.Int}.Value(data)
}

// number is one as JavaScript writes it.
func number(data []byte) (source.Value, error) {
	return decode.Format{Encoding: decode.JSON}.Value(data)
}

func fraction(data []byte) (source.Value, error) {
	return decode.Format{Encoding: decode.Float}.Value(data)
}

// zeroOne reads a boolean; PHP writes false as nothing.
func zeroOne(data []byte) (source.Value, error) {
	switch string(data) {
	case "1":
		return true, nil
	case "0", "":
		return false, nil
	default:
		return nil, errOther
	}
}

// signed reads an integer of a width in bytes.
func signed(width int) func(data []byte) (source.Value, error) {
	return func(data []byte) (source.Value, error) {
		bits, err := big(data, width)
		shift := 64 - 8*width
		return int64(bits<<shift) >> shift, err
	}
}

// big reads the bytes of a number, the highest first, which may lack leading zeros: 0 is no byte at all.
func big(data []byte, width int) (uint64, error) {
	if len(data) > width {
		return 0, errOther
	}
	var all [8]byte
	copy(all[8-len(data):], data)
	return binary.BigEndian.Uint64(all[:]), nil
}

func finite(value float64, err error) (source.Value, error) {
	if err == nil && (math.IsNaN(value) || math.IsInf(value, 0)) {
		err = source.ErrRange
	}
	return value, err
}
