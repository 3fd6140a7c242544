// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
	"time"
)

// place is where an installation's row lies.
type place uint32

// Rows lie in chunks, so that a fleet grows without being copied.
const chunkRows = 1024

// A row is what is remembered of one installation: when it was last seen, whether
// it came back, and for each aggregate when an answer was given and its code.
const (
	seenWord = iota
	returnedWord
	firstAnswerWord
)

// returning is how far apart two reports are that show that an installation came
// back: the stats of one scrape come together.
const returning = seconds(time.Hour / time.Second)

// installations are those that are remembered, at most max of them. Once it is
// full, known ones are still heard and new ones are not: whoever sends random ids
// can take the free places, and nobody's place.
type installations struct {
	key    []byte
	max    int
	places map[identity]place
	rows   [][]uint32
	width  int // words of a row
	used   place
	free   []place
	texts  texts
	// details are the answers that do not fit into a word, by place and aggregate.
	details map[cell]detail
	// kinds of the aggregates' answers.
	kinds []answerKind
}

type cell struct {
	place     place
	aggregate uint32
}

// detail is a wide number, or the parts of a group: texts' numbers, and numbers.
type detail struct {
	names   []uint32
	numbers []float64
}

func newInstallations(limit int, kinds []answerKind) *installations {
	return &installations{
		max: limit, places: map[identity]place{}, width: firstAnswerWord + 2*len(kinds),
		texts: newTexts(), details: map[cell]detail{}, kinds: kinds,
	}
}

func (i *installations) row(at place) []uint32 {
	start := int(at%chunkRows) * i.width
	return i.rows[at/chunkRows][start : start+i.width]
}

// find is the place of an installation, made where there is none; known is false
// for a new one, and ok when there is no place left.
func (i *installations) find(who identity) (at place, known, ok bool) {
	if at, known = i.places[who]; known {
		return at, true, true
	}
	if len(i.places) >= i.max {
		return 0, false, false
	}
	if last := len(i.free) - 1; last >= 0 {
		at, i.free = i.free[last], i.free[:last]
	} else {
		at = i.used
		if i.used++; int(at/chunkRows) == len(i.rows) {
			i.rows = append(i.rows, make([]uint32, chunkRows*i.width))
		}
	}
	i.places[who] = at
	return at, false, true
}

// see notes that an installation reported at this time of its own.
func (i *installations) see(at place, known bool, reported seconds) {
	row := i.row(at)
	if seen := seconds(row[seenWord]); known && (reported >= seen+returning || reported+returning <= seen) {
		row[returnedWord] = 1
	}
	row[seenWord] = max(row[seenWord], uint32(reported))
}

// put notes an answer, unless one of a later time is there: the reports' own time
// decides, and among equal ones the order in which they come.
func (i *installations) put(at place, aggregate int, a answer, said seconds) {
	row := i.row(at)
	word := firstAnswerWord + 2*aggregate
	if seconds(row[word]) > said {
		return
	}
	i.drop(at, aggregate)
	row[word], row[word+1] = uint32(said), i.code(at, aggregate, a)
}

func (i *installations) code(at place, aggregate int, a answer) uint32 {
	var d detail
	switch a.kind {
	case aNumber:
		if code := compact(a.number); code != wide {
			return code
		}
		d.numbers = []float64{a.number}
	case aText:
		return i.texts.use(a.text)
	case aGroup:
		for _, p := range a.parts {
			d.names, d.numbers = append(d.names, i.texts.use(p.name)), append(d.numbers, p.number)
		}
	default:
		return unsaid
	}
	i.details[cell{at, uint32(aggregate)}] = d
	return wide
}

// drop lets go of what an answer holds beside its row.
func (i *installations) drop(at place, aggregate int) {
	row, word := i.row(at), firstAnswerWord+2*aggregate
	switch code := row[word+1]; {
	case row[word] == 0 || code == unsaid:
	case code == wide:
		where := cell{at, uint32(aggregate)}
		for _, name := range i.details[where].names {
			i.texts.drop(name)
		}
		delete(i.details, where)
	case i.kinds[aggregate] == aText:
		i.texts.drop(code)
	}
}

// get is the answer to an aggregate, and when it was given.
func (i *installations) get(at place, aggregate int) (answer, seconds) {
	row := i.row(at)
	word := firstAnswerWord + 2*aggregate
	said, code := seconds(row[word]), row[word+1]
	switch {
	case said == 0 || code == unsaid:
		return answer{}, said
	case code == wide:
		return i.detailed(i.details[cell{at, uint32(aggregate)}]), said
	case i.kinds[aggregate] == aText:
		return answer{kind: aText, text: i.texts.all[code]}, said
	default:
		return answer{kind: aNumber, number: number(code)}, said
	}
}

func (i *installations) detailed(d detail) answer {
	if len(d.names) == 0 && len(d.numbers) == 1 {
		return answer{kind: aNumber, number: d.numbers[0]}
	}
	parts := make([]part, len(d.names))
	for at, name := range d.names {
		parts[at] = part{i.texts.all[name], d.numbers[at]}
	}
	return answer{kind: aGroup, parts: parts}
}

// answers are those to an aggregate that count now.
func (i *installations) answers(aggregate int, window time.Duration, now seconds) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		for at := range i.used { // a free row says nothing
			if a, said := i.get(at, aggregate); a.kind != nothing && said.within(window, now) && !yield(a) {
				return
			}
		}
	}
}

// count is how many installations were seen within the window, and how many of them came back.
func (i *installations) count(window time.Duration, now seconds) (all, returned int) {
	for at := range i.used {
		if row := i.row(at); seconds(row[seenWord]).within(window, now) {
			all++
			returned += int(row[returnedWord])
		}
	}
	return all, returned
}

// newest is when the latest of all reports was made.
func (i *installations) newest() (latest seconds) {
	for at := range i.used {
		latest = max(latest, seconds(i.row(at)[seenWord]))
	}
	return latest
}

// forget removes the installations that were not seen within the window, and tells each.
func (i *installations) forget(window time.Duration, now seconds, forgotten func(identity)) {
	for who, at := range i.places {
		if !seconds(i.row(at)[seenWord]).within(window, now) {
			for aggregate := range i.kinds {
				i.drop(at, aggregate)
			}
			clear(i.row(at))
			delete(i.places, who)
			i.free = append(i.free, at)
			forgotten(who)
		}
	}
}
