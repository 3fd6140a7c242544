// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import "strings"

// texts holds each text once, for as long as an answer uses it, and gives it a number.
type texts struct {
	all     []string
	uses    []uint32
	numbers map[string]uint32
	free    []uint32
}

func newTexts() texts { return texts{numbers: map[string]uint32{}} }

// use counts one more use of text, and returns its number.
func (t *texts) use(text string) uint32 {
	if number, known := t.numbers[text]; known {
		t.uses[number]++
		return number
	}
	text = strings.Clone(text) // it may be a small part of a large report
	number := uint32(len(t.all))
	if last := len(t.free) - 1; last >= 0 {
		number, t.free = t.free[last], t.free[:last]
		t.all[number], t.uses[number] = text, 1
	} else {
		t.all, t.uses = append(t.all, text), append(t.uses, 1)
	}
	t.numbers[text] = number
	return number
}

// drop counts one use less.
func (t *texts) drop(number uint32) {
	if t.uses[number]--; t.uses[number] == 0 {
		delete(t.numbers, t.all[number])
		t.all[number] = ""
		t.free = append(t.free, number)
	}
}
