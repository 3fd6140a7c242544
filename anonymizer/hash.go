// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"hash/maphash"
	"math"
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Attributes are hashed, under a key of this process, only to find out which points may
// collide; what leaves does not depend on a hash.

var hashSeed = maphash.MakeSeed()

// pairHash is of one attribute; the sum over a set does not depend on its order.
func pairHash(name uint64, v pcommon.Value) uint64 {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return textHash(name, v.Str())
	case pcommon.ValueTypeInt:
		return mix(name+1, mix(hashKey, uint64(v.Int())))
	case pcommon.ValueTypeDouble:
		return mix(name+2, mix(hashKey, math.Float64bits(v.Double())))
	default:
		return mix(name+3+uint64(v.Type()), maphash.String(hashSeed, v.AsString()))
	}
}

func textHash(name uint64, text string) uint64 { return mix(name, maphash.String(hashSeed, text)) }

var hashKey = maphash.String(hashSeed, "key")

// mix multiplies to 128 bits and folds them, as wyhash does.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^hashKey)
	return high ^ low
}
