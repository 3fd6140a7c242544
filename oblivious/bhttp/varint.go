// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package bhttp

// A variable-length integer is that of QUIC (RFC 9000, 16): two bits tell its length.

func appendVarint(b []byte, v uint64) []byte {
	switch {
	case v < 1<<6:
		return append(b, byte(v))
	case v < 1<<14:
		return append(b, 0x40|byte(v>>8), byte(v))
	case v < 1<<30:
		return append(b, 0x80|byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	default:
		return append(b, 0xc0|byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
}

// appendText appends a length and as many bytes.
func appendText[T string | []byte](b []byte, text T) []byte {
	return append(appendVarint(b, uint64(len(text))), text...)
}
