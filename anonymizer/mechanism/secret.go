// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// Secret is an installation's own: whoever holds it can undo every sticky draw.
type Secret [32]byte

// The first part of every draw; a change of how draws are made changes it.
const drawVersion = "headcount-draw-v1"

// Draw gives the random bytes that belong to these parts for ever: HMAC-SHA-256
// of the parts keys ChaCha8. Each part is preceded by its length, so that no two
// lists of parts are one.
func (s Secret) Draw(parts ...string) io.Reader {
	return rand.NewChaCha8(s.sum(parts))
}

func (s Secret) sum(parts []string) (sum [32]byte) {
	mac := hmac.New(sha256.New, s[:])
	message := AppendPart(make([]byte, 0, 256), drawVersion)
	for _, part := range parts {
		message = AppendPart(message, part)
	}
	mac.Write(message)
	mac.Sum(sum[:0])
	return sum
}

// AppendPart appends one part of what a draw is for, preceded by its length.
func AppendPart(to []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint64(to, uint64(len(part))), part...)
}
