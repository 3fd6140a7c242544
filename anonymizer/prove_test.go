// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"testing"
)

// With HEADCOUNT_PROVE set, counts are larger, seeds are new, and each claim is printed with its figures.
var proving = os.Getenv("HEADCOUNT_PROVE") != ""

// times is how often to try: often in `make test`, more in `make prove`.
func times(test, prove int) int {
	if proving {
		return prove
	}
	return test
}

// seeded is a fast stream of bytes whose seed is printed.
func seeded(t testing.TB, seed string) *mathrand.ChaCha8 {
	if proving {
		seed += "/" + rand.Text()
	}
	t.Logf("seed %q", seed)
	return mathrand.NewChaCha8(sha256.Sum256([]byte(seed)))
}

// claim prints one line of the table of PRIVACY.md's proofs.
func claim(t testing.TB, number int, text, figures string, args ...any) {
	line := fmt.Sprintf("| %d | %s | %s | `%s` |", number, text, fmt.Sprintf(figures, args...), t.Name())
	if t.Log(line); proving {
		fmt.Println(line)
	}
}
