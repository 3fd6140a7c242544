// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package boltfile says whether a bbolt file is whole, before bbolt opens it.
//
// bbolt trusts its file. Opening a torn one for writing ends the process by a panic
// in a goroutine of its own, which nobody can catch, follows a cycle of pages until
// memory ends, or counts an overflow of four billion pages one by one; its own check
// does the same. A program that only wants to report statistics must not end so.
package boltfile // import "github.com/headcount-otel/headcount/internal/boltfile"

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math"
)

// ErrDamaged is a file that bbolt must not open.
var ErrDamaged = errors.New("the file is damaged: move it aside to start anew")

// The layout of bbolt's files, version 2, in the machine's own byte order.
const (
	magic, layout = 0xED0CDAED, 2

	pageHeader   = 16 // id, flags, count, overflow
	element      = 16 // of a branch: pos, key size, page; of a leaf: flags, pos, key size, value size
	bucketHeader = 16 // page, sequence
	metaLength   = 64
	metaChecksum = metaLength - 8

	branchPage, leafPage, freelistPage = 0x01, 0x02, 0x10
	bucketEntry                        = 0x01
)

// noFreelist stands where a file's list of free pages is not stored.
const noFreelist = math.MaxUint64

var order = binary.NativeEndian

// file is what is known of the file while its pages are visited.
type file struct {
	content  []byte
	pageSize uint64
	pages    uint64          // below this lie all pages
	seen     map[uint64]bool // each page belongs to one place
}

// Check visits everything that can be reached in a file's content. It takes time and
// memory in proportion to the content, whatever that is, and never panics.
func Check(content []byte) error {
	f := &file{content: content, seen: map[uint64]bool{}}
	root, freelist, ok := f.newestMeta()
	if !ok || f.pages > uint64(len(content))/f.pageSize {
		return ErrDamaged
	}
	if freelist != noFreelist && !f.freelist(freelist) {
		return ErrDamaged
	}
	if !f.tree(root, nil, nil) {
		return ErrDamaged
	}
	return nil
}

// newestMeta reads the newer of the two pages that say where the rest is.
func (f *file) newestMeta() (root, freelist uint64, ok bool) {
	newest := uint64(0)
	for _, at := range f.metaPlaces() {
		m := f.metaAt(at)
		if txid := order.Uint64(m[48:]); !ok || txid > newest {
			newest, ok = txid, true
			root, freelist, f.pages = order.Uint64(m[16:]), order.Uint64(m[32:]), order.Uint64(m[40:])
		}
	}
	return root, freelist, ok
}

// metaPlaces finds the whole ones, and by them the size of a page.
func (f *file) metaPlaces() (places []uint64) {
	const least, most = 1024, 1024 << 15
	for size := uint64(least); size <= most; size *= 2 {
		places = places[:0]
		for _, at := range []uint64{0, size} {
			if m := f.metaAt(at); m != nil && uint64(order.Uint32(m[8:])) == size {
				places = append(places, at)
			}
		}
		if len(places) > 0 {
			f.pageSize = size
			return places
		}
	}
	return nil
}

// metaAt returns a meta page's fields, nil when they are not whole.
func (f *file) metaAt(at uint64) []byte {
	if at+pageHeader+metaLength > uint64(len(f.content)) {
		return nil
	}
	m := f.content[at+pageHeader:][:metaLength]
	sum := fnv.New64a()
	_, _ = sum.Write(m[:metaChecksum])
	if order.Uint32(m) != magic || order.Uint32(m[4:]) != layout || order.Uint64(m[metaChecksum:]) != sum.Sum64() {
		return nil
	}
	return m
}

// page is one page with those that it overflows into.
type page struct {
	flags, count uint16
	content      []byte
	// room is what its entries may take together: they share no byte.
	room int
	// inline: it lies in an entry itself, and holds no other bucket.
	inline bool
}

// take returns a page that nobody has taken yet.
func (f *file) take(id uint64) (page, bool) {
	if id < 2 || id >= f.pages {
		return page{}, false
	}
	header := f.content[id*f.pageSize:]
	overflow := uint64(order.Uint32(header[12:]))
	if order.Uint64(header) != id || overflow >= f.pages-id {
		return page{}, false
	}
	for i := id; i <= id+overflow; i++ {
		if f.seen[i] {
			return page{}, false
		}
		f.seen[i] = true
	}
	return pageOf(header[:(overflow+1)*f.pageSize]), true
}

func pageOf(content []byte) page {
	return page{flags: order.Uint16(content[8:]), count: order.Uint16(content[10:]), content: content, room: len(content)}
}

func (f *file) freelist(id uint64) bool {
	p, ok := f.take(id)
	if !ok || p.flags != freelistPage {
		return false
	}
	ids, count := p.content[pageHeader:], uint64(p.count)
	if p.count == math.MaxUint16 { // then the first one is the count
		count, ids = order.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids))/8 {
		return false
	}
	for i := range count {
		free := order.Uint64(ids[8*i:])
		if free < 2 || free >= f.pages || f.seen[free] {
			return false
		}
		f.seen[free] = true
	}
	return true
}

// tree visits a bucket's pages from one on. Its keys are not below least, and below limit where there is one.
func (f *file) tree(id uint64, least, limit []byte) bool {
	p, ok := f.take(id)
	switch {
	case ok && p.flags == leafPage:
		return f.leaf(p, least, limit)
	case ok && p.flags == branchPage:
		return f.branch(p, least, limit)
	}
	return false
}

func (f *file) branch(p page, least, limit []byte) bool {
	keys := make([][]byte, p.count)
	for i := range keys {
		e, ok := p.element(i)
		if !ok {
			return false
		}
		keys[i], _, ok = p.entry(i, order.Uint32(e), order.Uint32(e[4:]), 0)
		if !ok || !inOrder(keys, i, least, limit) {
			return false
		}
	}
	for i := range keys {
		e, _ := p.element(i)
		next := limit
		if i+1 < len(keys) {
			next = keys[i+1]
		}
		if !f.tree(order.Uint64(e[8:]), keys[i], next) {
			return false
		}
	}
	return len(keys) > 0
}

func (f *file) leaf(p page, least, limit []byte) bool {
	keys := make([][]byte, p.count)
	for i := range keys {
		e, ok := p.element(i)
		if !ok {
			return false
		}
		var value []byte
		keys[i], value, ok = p.entry(i, order.Uint32(e[4:]), order.Uint32(e[8:]), order.Uint32(e[12:]))
		if !ok || !inOrder(keys, i, least, limit) {
			return false
		}
		if order.Uint32(e)&bucketEntry != 0 && (p.inline || !f.bucket(value)) {
			return false
		}
	}
	return true
}

// bucket visits one within another: a small one lies in its entry.
func (f *file) bucket(value []byte) bool {
	if len(value) < bucketHeader {
		return false
	}
	if root := order.Uint64(value); root != 0 {
		return f.tree(root, nil, nil)
	}
	inline := value[bucketHeader:]
	if len(inline) < pageHeader {
		return false
	}
	p := pageOf(inline)
	p.inline = true
	return p.flags == leafPage && f.leaf(p, nil, nil)
}

func inOrder(keys [][]byte, i int, least, limit []byte) bool {
	if i > 0 && bytes.Compare(keys[i-1], keys[i]) >= 0 {
		return false
	}
	return bytes.Compare(keys[i], least) >= 0 && (limit == nil || bytes.Compare(keys[i], limit) < 0)
}

func (p page) element(i int) ([]byte, bool) {
	at := pageHeader + i*element
	if at+element > len(p.content) {
		return nil, false
	}
	return p.content[at : at+element], true
}

// entry returns an element's key and value, which lie from pos after the element on.
func (p *page) entry(i int, pos, keySize, valueSize uint32) (key, value []byte, ok bool) {
	at, size := uint64(pageHeader+i*element)+uint64(pos), uint64(keySize)+uint64(valueSize)
	if at+size > uint64(len(p.content)) || size > uint64(p.room) {
		return nil, nil, false
	}
	p.room -= int(size)
	rest := p.content[at:]
	return rest[:keySize], rest[keySize:][:valueSize], true
}
