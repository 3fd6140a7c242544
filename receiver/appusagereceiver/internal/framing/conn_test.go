// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package framing

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted is a protocol in which a line is a number of bytes that follow it, at most 100.
type counted struct{ headers []int64 }

func (c *counted) Header(line []byte) (int64, error) {
	n, err := strconv.ParseInt(string(line), 10, 64)
	if err != nil || n > 100 {
		return 0, ErrLimit
	}
	c.headers = append(c.headers, n)
	return n, nil
}

// pieces hands out its texts one by one.
type pieces struct {
	net.Conn
	texts  []string
	closed chan struct{}
}

func (p *pieces) Read(into []byte) (int, error) {
	if len(p.texts) == 0 {
		return 0, io.EOF
	}
	n := copy(into, p.texts[0])
	p.texts = p.texts[1:]
	return n, nil
}

func (p *pieces) Close() error {
	close(p.closed)
	return nil
}

func TestBound(t *testing.T) {
	for name, c := range map[string]struct {
		pieces  []string
		read    string
		headers []int64
		err     error
	}{
		"whole":                  {[]string{"3\r\nabc2\nde"}, "3\r\nabc2\nde", []int64{3, 2}, nil},
		"in pieces":              {strings.Split("12\r\nabcdefghijkl0\n1\n\n", ""), "12\r\nabcdefghijkl0\n1\n\n", []int64{12, 0, 1}, nil},
		"a body like a header":   {[]string{"5\n999\n\n"}, "5\n999\n\n", []int64{5}, nil},
		"too much":               {[]string{"3\nabc", "101\n"}, "3\nabc", []int64{3}, ErrLimit},
		"too much at once":       {[]string{"3\nabc101\n"}, "", []int64{3}, ErrLimit},
		"a line without end":     {strings.Split(strings.Repeat("1", maxLine+1), ""), strings.Repeat("1", maxLine), nil, ErrLimit},
		"no header of its kind":  {[]string{"x\n"}, "", nil, ErrLimit},
		"nothing after the last": {[]string{"1\na"}, "1\na", []int64{1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			protocol := &counted{}
			conn := bound(t.Context(), &pieces{texts: c.pieces, closed: make(chan struct{})}, protocol)
			read, err := io.ReadAll(conn)
			require.ErrorIs(t, err, c.err)
			assert.Equal(t, c.read, string(read))
			assert.Equal(t, c.headers, protocol.headers)
			if c.err != nil {
				_, err = conn.Read(make([]byte, 1))
				require.ErrorIs(t, err, c.err, "it stays broken")
			}
		})
	}
}

func TestEndOfContextCloses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	inner := &pieces{closed: make(chan struct{})}
	_ = bound(ctx, inner, &counted{})
	cancel()
	<-inner.closed
}

// FuzzBound compares reading in pieces with reading at once.
func FuzzBound(f *testing.F) {
	f.Add("3\nabc2\nde", uint8(1))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		var split []string
		for rest := text; rest != ""; {
			n := min(len(rest), int(size)+1)
			split, rest = append(split, rest[:n]), rest[n:]
		}
		whole, parts := &counted{}, &counted{}
		inOne := &bounded{protocol: whole}
		err := inOne.inspect([]byte(text))
		inParts := &bounded{protocol: parts}
		var errParts error
		for _, piece := range split {
			if errParts = inParts.inspect([]byte(piece)); errParts != nil {
				break
			}
		}
		require.Equal(t, err, errParts)
		require.Equal(t, whole.headers, parts.headers)
	})
}
