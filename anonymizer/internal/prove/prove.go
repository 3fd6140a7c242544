// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package prove is what the tests of proven claims share.
package prove

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"os"
	"testing"
)

// Long reports whether HEADCOUNT_PROVE is set: counts are larger, seeds are new, and each claim is printed with its figures.
var Long = os.Getenv("HEADCOUNT_PROVE") != ""

// Times is how often to try: often in `make test`, more in `make prove`.
func Times(test, prove int) int {
	if Long {
		return prove
	}
	return test
}

// Seeded is a fast stream of bytes whose seed is printed.
func Seeded(t testing.TB, seed string) *mathrand.ChaCha8 {
	if Long {
		seed += "/" + rand.Text()
	}
	t.Logf("seed %q", seed)
	return mathrand.NewChaCha8(sha256.Sum256([]byte(seed)))
}

// Claim prints one line of the table of PRIVACY.md's proofs.
func Claim(t testing.TB, number int, text, figures string, args ...any) {
	line := fmt.Sprintf("| %d | %s | %s | `%s` |", number, text, fmt.Sprintf(figures, args...), t.Name())
	if t.Log(line); Long {
		fmt.Println(line)
	}
}

// Wilson is the interval of a share, five standard errors to both sides, by Wilson's score.
func Wilson(count, n int) (low, high float64) {
	const z = 5
	share, size := float64(count)/float64(n), float64(n)
	centre := (share + z*z/(2*size)) / (1 + z*z/size)
	spread := z / (1 + z*z/size) * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	return centre - spread, centre + spread
}
