// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package transform

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
)

func put(to pcommon.Map, kv attribute.KeyValue) { set(to.PutEmpty(string(kv.Key)), kv.Value) }

// set leaves to empty where from is.
func set(to pcommon.Value, from attribute.Value) {
	switch from.Type() {
	case attribute.BOOL:
		to.SetBool(from.AsBool())
	case attribute.INT64:
		to.SetInt(from.AsInt64())
	case attribute.FLOAT64:
		to.SetDouble(from.AsFloat64())
	case attribute.STRING:
		to.SetStr(from.AsString())
	case attribute.BYTESLICE:
		to.SetEmptyBytes().FromRaw(from.AsByteSlice())
	case attribute.BOOLSLICE:
		each(to, from.AsBoolSlice(), pcommon.Value.SetBool)
	case attribute.INT64SLICE:
		each(to, from.AsInt64Slice(), pcommon.Value.SetInt)
	case attribute.FLOAT64SLICE:
		each(to, from.AsFloat64Slice(), pcommon.Value.SetDouble)
	case attribute.STRINGSLICE:
		each(to, from.AsStringSlice(), pcommon.Value.SetStr)
	case attribute.SLICE:
		each(to, from.AsSlice(), set)
	case attribute.MAP:
		entries := to.SetEmptyMap()
		for _, kv := range from.AsMap() {
			put(entries, kv)
		}
	}
}

func each[T any](to pcommon.Value, items []T, set func(pcommon.Value, T)) {
	list := to.SetEmptySlice()
	list.EnsureCapacity(len(items))
	for _, item := range items {
		set(list.AppendEmpty(), item)
	}
}
