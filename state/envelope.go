// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
)

// An envelope is how a record is stored: {"version":1,"record":…,"sum":…}. The sum is there
// because a storage's file has none: a digit of an id or of a time that changed on the disk
// would be another id, or another time, and nobody would know.
type envelope struct {
	Version int             `json:"version"`
	Record  json.RawMessage `json:"record"`
	// Sum is the checksum of the key and the record; what earlier versions wrote has none.
	Sum *uint32 `json:"sum"`
}

// Quick is a record that reads its commonest form faster than encoding/json, which
// matters where a start reads a hundred thousand. It reports whether text has that form.
type Quick interface {
	ReadQuickly(text []byte) bool
}

// seal puts a record into its envelope.
func seal(key string, version int, record any) ([]byte, error) {
	raw, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	sealed := append(appendHead(make([]byte, 0, len(raw)+64), version), raw...)
	return appendTail(sealed, sumOf(key, raw)), nil
}

// open takes a record out of its envelope.
func open(key string, stored []byte, version int, record any) error {
	if quick, ok := record.(Quick); ok {
		if text, sealed := unseal(key, stored, version); sealed && quick.ReadQuickly(text) {
			return nil
		}
	}
	var e envelope
	if json.Unmarshal(stored, &e) != nil || e.Version == 0 || (e.Sum != nil && *e.Sum != sumOf(key, e.Record)) {
		return garbled(key)
	}
	if e.Version != version {
		return fmt.Errorf("stored state %q has version %d, this program reads version %d: use the program that wrote it, or remove the component's file from the storage directory to start anew", key, e.Version, version)
	}
	if json.Unmarshal(e.Record, record) != nil {
		return garbled(key)
	}
	return nil
}

func garbled(key string) error {
	return fmt.Errorf("stored state %q is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew", key)
}

// unseal is what seal has put into an envelope, where it is written exactly so.
func unseal(key string, stored []byte, version int) (raw []byte, sealed bool) {
	raw, begins := bytes.CutPrefix(stored, appendHead(make([]byte, 0, 32), version))
	end := bytes.LastIndex(raw, []byte(tail))
	if !begins || end < 0 {
		return nil, false
	}
	raw, rest := raw[:end], raw[end:]
	return raw, bytes.Equal(rest, appendTail(make([]byte, 0, 32), sumOf(key, raw)))
}

func sumOf(key string, raw []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(key)), crc32.IEEETable, raw)
}

func appendHead(text []byte, version int) []byte {
	text = append(text, `{"version":`...)
	return append(strconv.AppendInt(text, int64(version), 10), `,"record":`...)
}

const tail = `,"sum":`

func appendTail(text []byte, sum uint32) []byte {
	return append(strconv.AppendUint(append(text, tail...), uint64(sum), 10), '}')
}
