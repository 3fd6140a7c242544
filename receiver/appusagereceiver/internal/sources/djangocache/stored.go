// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package djangocache

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errCompression = &source.Error{Reason: "the value looks compressed, and cannot be decompressed"}
	errMsgpack     = &source.Error{Reason: "the value is msgpack, and more than nothing, a boolean, a number or a text"}
	errUnknown     = &source.Error{Reason: "the value is neither pickled, nor JSON, nor msgpack, nor compressed in a known way"}
)

// compressions are those of django-redis and django-valkey, by what their data begins with.
var compressions = []struct {
	magic string
	open  func(io.Reader) (io.Reader, error)
}{
	{"\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) {
		return xz.ReaderConfig{DictCap: 1 << 23, SingleStream: true}.NewReader(r)
	}},
	{"\x04\x22\x4d\x18", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
	{"\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8<<20))
	}},
	{"\x78\x01", inflate},
	{"\x78\x5e", inflate},
	{"\x78\x9c", inflate},
	{"\x78\xda", inflate},
}

func inflate(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }

// decompress finds out by how data begins whether it is compressed; a scalar is not much longer than it was.
func decompress(data []byte) ([]byte, error) {
	for _, c := range compressions {
		if !bytes.HasPrefix(data, []byte(c.magic)) {
			continue
		}
		reader, err := c.open(bytes.NewReader(data))
		if err != nil {
			return nil, errCompression
		}
		if closer, needs := reader.(*zstd.Decoder); needs {
			defer closer.Close()
		}
		plain, err := io.ReadAll(io.LimitReader(reader, decode.MaxBytes+1))
		switch {
		case err != nil:
			return nil, errCompression
		case len(plain) > decode.MaxBytes:
			return nil, decode.ErrTooLarge
		}
		return plain, nil
	}
	return data, nil
}

// serialized decodes a value by how it begins: pickled by protocol 2 and later, JSON, msgpack, or pickled before.
func serialized(data []byte) (source.Value, error) {
	switch first := data[0]; {
	case first == 0x80 && len(data) > 1:
		return decode.Unpickle(data)
	case bytes.IndexByte([]byte(`"-0123456789tfn{[`), first) >= 0:
		return decode.Format{Encoding: decode.JSON}.Value(data)
	case first >= 0xa0 && first < 0xc0, first == 0xc0, first == 0xc2, first == 0xc3, first >= 0xca && first <= 0xdb, first >= 0x90 && first < 0xa0, first > 0x80 && first < 0x90, first >= 0xdc:
		return msgpack(data)
	case bytes.IndexByte([]byte("NIJKMLFGVX\x88\x89\x8a\x8c"), first) >= 0:
		return decode.Unpickle(data)
	default:
		return nil, errUnknown
	}
}

// msgpack decodes a scalar.
func msgpack(data []byte) (source.Value, error) {
	first, rest := data[0], data[1:]
	switch {
	case first == 0xc0 && len(rest) == 0:
		return nil, nil
	case (first == 0xc2 || first == 0xc3) && len(rest) == 0:
		return first == 0xc3, nil
	case first == 0xca && len(rest) == 4:
		return finite(float64(math.Float32frombits(binary.BigEndian.Uint32(rest))))
	case first == 0xcb && len(rest) == 8:
		return finite(math.Float64frombits(binary.BigEndian.Uint64(rest)))
	case first >= 0xcc && first <= 0xd3:
		return msgpackInteger(first, rest)
	case first >= 0xa0 && first < 0xc0 && len(rest) == int(first&0x1f):
		return source.Text(string(rest))
	case first >= 0xd9 && first <= 0xdb:
		width := 1 << (first - 0xd9)
		if len(rest) >= width && bigEndian(rest[:width]) == uint64(len(rest)-width) {
			return source.Text(string(rest[width:]))
		}
	case first >= 0xe0 && len(rest) == 0:
		return int64(int8(first)), nil
	}
	return nil, errMsgpack
}

func msgpackInteger(kind byte, rest []byte) (source.Value, error) {
	width := 1 << ((kind - 0xcc) % 4)
	if len(rest) != width {
		return nil, errMsgpack
	}
	bits := bigEndian(rest)
	if kind >= 0xd0 { // with a sign
		shift := 64 - 8*width
		return int64(bits<<shift) >> shift, nil
	}
	if bits > math.MaxInt64 {
		return nil, source.ErrRange
	}
	return int64(bits), nil
}

func bigEndian(data []byte) (n uint64) {
	for _, b := range data {
		n = n<<8 | uint64(b)
	}
	return n
}

func finite(value float64) (source.Value, error) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return nil, source.ErrRange
	}
	return value, nil
}
