// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// raw sends bytes that no well-behaved client would, and returns the answer's.
func (r *rig) raw(request string) string {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.address())
	require.NoError(r.t, err)
	defer conn.Close()
	_, _ = io.WriteString(conn, request)
	require.NoError(r.t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

func TestHeaderSplittingSplitsNothing(t *testing.T) {
	r := shown(t)
	host := r.address()
	for name, request := range map[string]string{
		"line breaks in the query": "GET /?token=x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"line breaks in before":    "GET /?before=1%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"a bare line break":        "GET / HTTP/1.1\nHost: " + host + "\nX: a\rX-Evil: 1\n\n",
		"two hosts":                "GET / HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"an absolute address":      "GET http://evil.example/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
		"two lengths":              "POST /switch HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\nContent-Length: 50\r\nConnection: close\r\n\r\nmode=",
		"length and chunks":        "POST /switch HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /api/v1/status HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"no host":                  "GET / HTTP/1.0\r\n\r\n",
	} {
		answer := r.raw(request)
		assert.NotContains(t, answer, "X-Evil:", name)
		assert.NotContains(t, answer, "Set-Cookie", name)
		assert.Equal(t, 1, strings.Count(answer, "HTTP/1."), "%s: one answer", name)
		assert.NotContains(t, answer, "123456", name)
	}
	assert.Contains(t, r.raw("GET http://evil.example/ HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"), "421")
	assert.Contains(t, r.raw("GET / HTTP/1.0\r\n\r\n"), "421")
}

func TestHugeHeadersAreRefused(t *testing.T) {
	r := shown(t)
	answer := r.raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + strings.Repeat("x", 32<<10) + "\r\nConnection: close\r\n\r\n")
	assert.NotContains(t, answer, "200 OK")
	answer = r.raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + strings.Repeat("x", 8<<10) + "\r\nConnection: close\r\n\r\n")
	assert.Contains(t, answer, "200 OK")
}

func TestAThousandConnectionsHoldABoundedFew(t *testing.T) {
	r := shown(t)
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	before := heap()
	for range 1000 {
		conn, err := net.DialTimeout("tcp", r.address(), 5*time.Second)
		if err != nil {
			break // the system's own backlog is full: refused is fine
		}
		conns = append(conns, conn)
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: ")
	}
	assert.Less(t, heap()-before, int64(4<<20), "connections beyond the bound wait outside")
	for _, conn := range conns {
		conn.Close()
	}
	conns = nil
	answer, _ := r.get("/")
	assert.Equal(t, http.StatusOK, answer.StatusCode, "when they are gone the page is there")
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	r := shown(t)
	host := r.address()
	for name, sent := range map[string]string{
		"in the header": "GET / HTTP/1.1\r\nHost: " + host + "\r\n",
		"in the body":   "POST /switch HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nmode=",
		"in silence":    "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", host)
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, sent)
			require.NoError(t, err)
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
			_, err = io.Copy(io.Discard, bufio.NewReader(conn))
			assert.NoError(t, err, "the page ends the connection; a deadline here would be an error")
		})
	}
}

func TestASlowReaderDoesNotDelayTheEnd(t *testing.T) {
	r := shown(t)
	for i := range 8 {
		r.Delivered(delivery(fmt.Sprint("l", i), strings.Repeat("x", 100_000), 200))
	}
	conn, err := net.Dial("tcp", r.address())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /api/v1/ledger HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, r.stop())
}
