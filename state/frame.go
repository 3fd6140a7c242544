// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strconv"
	"strings"
)

// A page of the journal is the number of its frames, in four bytes, and these: length and
// checksum of what follows, four bytes each, the length of the key, the key, and the
// record in its envelope.

const (
	pageHead  = 4
	frameHead = 8
)

var errCut = errors.New("the journal is cut or garbled; which records are lost cannot be known")

func newPage(records map[string][]byte) []byte {
	size := pageHead
	for key, stored := range records {
		size += frameHead + binary.MaxVarintLen64 + len(key) + len(stored)
	}
	page := make([]byte, 0, size)
	page = binary.BigEndian.AppendUint32(page, uint32(len(records)))
	for key, stored := range records {
		page = appendFrame(page, key, stored)
	}
	return page
}

func appendFrame(page []byte, key string, stored []byte) []byte {
	start := len(page)
	page = append(page, make([]byte, frameHead)...)
	page = binary.AppendUvarint(page, uint64(len(key)))
	page = append(page, key...)
	page = append(page, stored...)
	content := page[start+frameHead:]
	binary.BigEndian.PutUint32(page[start:], uint32(len(content)))
	binary.BigEndian.PutUint32(page[start+4:], crc32.ChecksumIEEE(content))
	return page
}

// readPage puts a page's records into records. Of a page that is cut it puts those before the cut.
func readPage(page []byte, records map[string][]byte) error {
	if len(page) < pageHead {
		return errCut
	}
	frames, page := binary.BigEndian.Uint32(page), page[pageHead:]
	for range frames {
		key, stored, rest, ok := readFrame(page)
		if !ok {
			return errCut
		}
		records[key] = stored
		page = rest
	}
	if len(page) > 0 {
		return errCut
	}
	return nil
}

func readFrame(page []byte) (key string, stored, rest []byte, ok bool) {
	if len(page) < frameHead {
		return "", nil, nil, false
	}
	length := uint64(binary.BigEndian.Uint32(page))
	if length > uint64(len(page)-frameHead) {
		return "", nil, nil, false
	}
	content, rest := page[frameHead:][:length], page[frameHead+length:]
	size, n := binary.Uvarint(content)
	if crc32.ChecksumIEEE(content) != binary.BigEndian.Uint32(page[4:]) || n <= 0 || size > uint64(len(content)-n) {
		return "", nil, nil, false
	}
	return string(content[n:][:size]), content[n:][size:], rest, true
}

// numberOf is the number of a page, by its key.
func numberOf(key string) int {
	number, _ := strconv.ParseInt(strings.TrimPrefix(key, journalPrefix), 16, 64)
	return int(number)
}
