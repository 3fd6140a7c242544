// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
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

// counter is the vectors' reader: SHA-256(seed ‖ big-endian counter), concatenated.
type counter struct {
	seed  string
	next  uint64
	bytes []byte
}

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		if len(c.bytes) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(c.seed), c.next))
			c.bytes = sum[:]
			c.next++
		}
		p[i], c.bytes = c.bytes[0], c.bytes[1:]
	}
	return len(p), nil
}

var _ io.Reader = (*counter)(nil)
