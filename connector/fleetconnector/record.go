// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"encoding/binary"
	"errors"
	"math"
)

// A block holds the records of some installations: the keys of the aggregates that
// its answers are of, and then the installations, one after another, each with its
// identity, when it was seen, whether it came back, and its answers.

// The tags of a stored answer.
const (
	tagUnsaid = iota
	tagNumber
	tagText
	tagGroup
)

// newBlock begins a block of answers to these aggregates.
func newBlock(of aggregates) []byte {
	block := binary.AppendUvarint(nil, uint64(len(of.all)))
	for _, each := range of.all {
		block = appendText(block, each.key)
	}
	return block
}

func appendText(block []byte, text string) []byte {
	return append(binary.AppendUvarint(block, uint64(len(text))), text...)
}

func appendFloat(block []byte, x float64) []byte {
	return binary.BigEndian.AppendUint64(block, math.Float64bits(x))
}

// record appends one installation to a block.
func (i *installations) record(block []byte, who identity, at place) []byte {
	row := i.row(at)
	block = append(block, who[:]...)
	block = binary.BigEndian.AppendUint32(block, row[seenWord])
	block = append(block, byte(row[returnedWord]))
	count := 0
	for aggregate := range i.kinds {
		if row[firstAnswerWord+2*aggregate] != 0 {
			count++
		}
	}
	block = binary.AppendUvarint(block, uint64(count))
	for aggregate := range i.kinds {
		a, said := i.get(at, aggregate)
		if said == 0 {
			continue
		}
		block = binary.AppendUvarint(block, uint64(aggregate))
		block = binary.BigEndian.AppendUint32(block, uint32(said))
		block = a.append(block)
	}
	return block
}

func (a answer) append(block []byte) []byte {
	switch a.kind {
	case aNumber:
		return appendFloat(append(block, tagNumber), a.number)
	case aText:
		return appendText(append(block, tagText), a.text)
	case aGroup:
		block = binary.AppendUvarint(append(block, tagGroup), uint64(len(a.parts)))
		for _, p := range a.parts {
			block = appendFloat(appendText(block, p.name), p.number)
		}
		return block
	default:
		return append(block, tagUnsaid)
	}
}

// restore takes in the installations of a block, whole: later blocks replace what
// earlier ones said. Answers to what is no aggregate any more are left out.
func (i *installations) restore(block []byte, of aggregates) error {
	r := reader{rest: block}
	aggregateOf := r.aggregates(of)
	for len(r.rest) > 0 && !r.broken {
		var who identity
		copy(who[:], r.take(len(who)))
		seen, returned := r.uint32(), r.take(1)
		at, known, ok := i.find(who)
		if ok && known {
			i.empty(at)
		}
		for range r.uvarint() {
			number, said := r.uvarint(), seconds(r.uint32())
			a := r.answer()
			if r.broken || number >= uint64(len(aggregateOf)) {
				return errBlock
			}
			if aggregate := aggregateOf[number]; ok && aggregate >= 0 && (a.kind == nothing || a.kind == i.kinds[aggregate]) {
				i.put(at, aggregate, a, said)
			}
		}
		if !r.broken && ok {
			row := i.row(at)
			row[seenWord], row[returnedWord] = seen, uint32(returned[0]&1)
		}
	}
	if r.broken {
		return errBlock
	}
	return nil
}

// aggregates reads which aggregate each number of a block stands for; -1 for what is none any more.
func (r *reader) aggregates(of aggregates) []int {
	index := map[string]int{}
	for at, each := range of.all {
		index[each.key] = at
	}
	numbered := make([]int, 0, 16)
	for range r.uvarint() {
		at, told := index[r.text()]
		if !told {
			at = -1
		}
		if numbered = append(numbered, at); r.broken {
			break
		}
	}
	return numbered
}

// empty takes back all that an installation said.
func (i *installations) empty(at place) {
	for aggregate := range i.kinds {
		i.drop(at, aggregate)
	}
	clear(i.row(at))
}

var errBlock = errors.New("it ends too early, or names what it does not hold")

// reader reads a block; once something was missing it is broken, and reads zeros.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.broken, r.rest = true, nil
		return make([]byte, min(max(n, 0), 64))
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }

func (r *reader) float() float64 { return math.Float64frombits(binary.BigEndian.Uint64(r.take(8))) }

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 || x > math.MaxInt32 {
		r.broken, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

func (r *reader) text() string {
	n := int(r.uvarint())
	if n > len(r.rest) {
		r.broken, r.rest = true, nil
		return ""
	}
	return string(r.take(n))
}

func (r *reader) answer() answer {
	switch r.take(1)[0] {
	case tagNumber:
		return answer{kind: aNumber, number: r.float()}
	case tagText:
		return answer{kind: aText, text: r.text()}
	case tagGroup:
		a := answer{kind: aGroup}
		for range r.uvarint() {
			if r.broken {
				break
			}
			a.parts = append(a.parts, part{r.text(), r.float()})
		}
		return a
	case tagUnsaid:
	default:
		r.broken = true
	}
	return answer{}
}
