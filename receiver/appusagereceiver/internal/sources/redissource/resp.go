// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"strconv"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"
)

const (
	// maxElements is the longest array that a server may announce.
	maxElements = 100_000
	// maxDepth is how deep arrays may nest.
	maxDepth = 8
)

// resp follows the Redis serialization protocol (RESP2 and RESP3) as far as lengths go.
type resp struct {
	// owed are the elements still to come of the arrays that are open, the innermost last.
	owed []int64
}

var _ framing.Protocol = (*resp)(nil)

// Header implements framing.Protocol.
func (r *resp) Header(line []byte) (int64, error) {
	if len(line) == 0 {
		return 0, framing.ErrLimit
	}
	switch kind := line[0]; kind {
	case '$', '!', '=':
		return r.text(line[1:])
	case '*', '~', '>', '%', '|':
		return 0, r.array(kind, line[1:])
	default:
		r.element()
		return 0, nil
	}
}

func (r *resp) text(length []byte) (int64, error) {
	n, err := strconv.ParseInt(string(length), 10, 64)
	if err != nil || n > decode.MaxBytes+1 || n < -1 {
		return 0, framing.ErrLimit
	}
	r.element()
	if n < 0 {
		return 0, nil
	}
	return n + 2, nil
}

func (r *resp) array(kind byte, length []byte) error {
	n, err := strconv.ParseInt(string(length), 10, 64)
	if err != nil || n > maxElements || len(r.owed) == maxDepth {
		return framing.ErrLimit
	}
	if kind == '%' || kind == '|' {
		n *= 2
	}
	if n <= 0 {
		r.element()
		return nil
	}
	r.owed = append(r.owed, n)
	return nil
}

// element notes that one has come, and with it perhaps the end of the arrays that it was the last of.
func (r *resp) element() {
	for last := len(r.owed) - 1; last >= 0; last-- {
		r.owed[last]--
		if r.owed[last] > 0 {
			return
		}
		r.owed = r.owed[:last]
	}
}
