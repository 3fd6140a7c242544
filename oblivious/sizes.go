// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"io"
)

// Every message is padded to the next of these sizes, so that its length does
// not tell what it is: the report of a site with few figures is as long as that
// of one with many, and an acceptance as long as a refusal. The largest request
// is a body of 1 MiB with its headers; the sealing adds the same to each.
var (
	requestSizes  = []int{2 << 10, 16 << 10, 128 << 10, 1<<20 + 8<<10}
	responseSizes = []int{1 << 10, 16 << 10}
)

// MaxMessage is the length of the longest request that is read: the largest size, and what sealing adds.
const MaxMessage = 1<<20 + 12<<10

// readAll reads a message whose length was said, or not. The room for one of the
// first size is made at once; a longer one has to come before it costs memory.
func readAll(r io.Reader, length int64) ([]byte, error) {
	var message bytes.Buffer
	message.Grow(int(max(0, min(length, 4<<10))) + bytes.MinRead) // with so much free it sees the end
	_, err := message.ReadFrom(r)
	return message.Bytes(), err
}
