// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package spelling finds the name that was meant by one that is not there.
package spelling // import "github.com/headcount-otel/headcount/internal/spelling"

import "strings"

// Nearest is the candidate that was probably meant, of several as near the first by the alphabet;
// empty where none is near. Capitals, underscores and hyphens make no difference.
func Nearest(written string, candidates []string) (nearest string) {
	wanted := folded(written)
	least := max(2, len(wanted)/3) + 1
	for _, candidate := range candidates {
		if d := distance(wanted, folded(candidate)); d < least || d == least && nearest != "" && candidate < nearest {
			nearest, least = candidate, d
		}
	}
	return nearest
}

// Slip is the candidate from which the written name differs by a letter or two, or by its case; empty where none does,
// or where the name is too short to tell a slip from another name.
func Slip(written string, candidates []string) string {
	meant := Nearest(written, candidates)
	if meant == "" || len(meant) < 8 || distance(folded(written), folded(meant)) > 2 {
		return ""
	}
	return meant
}

var marks = strings.NewReplacer("_", "", "-", "")

func folded(name string) string { return strings.ToLower(marks.Replace(name)) }

// distance is Levenshtein's: how many letters are put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
