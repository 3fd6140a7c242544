// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"encoding/hex"
)

// Pseudonym is a new name in the shape of a UUID (version 8, RFC 9562): HMAC-SHA-256
// of the parts under the secret. Without the secret it does not lead back to
// the value, nor to the pseudonym of another period. It is a name, no more: what
// stands beside it may still link two of them.
func (s Secret) Pseudonym(parts ...string) string {
	sum := s.sum(append([]string{"pseudonym"}, parts...))
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	text := make([]byte, 36)
	at := 0
	for i, group := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], group)
	}
	return string(text)
}
