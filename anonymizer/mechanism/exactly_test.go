// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// exactly gives the bytes from which a uniform draw from [0, n) is u.
func exactly(u, n uint64) io.Reader {
	return &once{binary.BigEndian.AppendUint64(nil, u)[8-(bits.Len64(n-1)+7)/8:]}
}

type once struct{ left []byte }

func (o *once) Read(p []byte) (int, error) {
	n := copy(p, o.left)
	if o.left = o.left[n:]; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
