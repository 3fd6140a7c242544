// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package prove is what the tests of proven claims share.
package prove

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
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
