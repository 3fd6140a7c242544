// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"fmt"
	"slices"
	"strings"
)

// Words are the texts of which a key takes one.
type Words []string

// Worded is a struct that has such keys. Its checks and the schema for editors read the same words.
type Worded interface {
	// Words are those of each such key; of a map's key, those of its entries.
	Words() map[string]Words
}

// WordsOf are the words of a type.
func WordsOf[T ~string](all ...T) Words {
	words := make(Words, len(all))
	for i, word := range all {
		words[i] = string(word)
	}
	return words
}

// Check refuses a text that is none of the words, nor empty, which stands for none.
func (w Words) Check(text string) error {
	if text == "" || slices.Contains(w, text) {
		return nil
	}
	return fmt.Errorf("%q is unknown: write %s", text, w)
}

// String lists the words as a sentence does: sum, max or last.
func (w Words) String() string {
	last := len(w) - 1
	if last < 1 {
		return strings.Join(w, "")
	}
	return strings.Join(w[:last], ", ") + " or " + w[last]
}
