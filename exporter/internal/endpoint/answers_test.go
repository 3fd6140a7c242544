// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// speaking answers each request with these very bytes, then closes the connection, or resets it when heard is
// closed: a reset overtakes what was not read yet.
func speaking(t *testing.T, words string, heard <-chan struct{}) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_ = r.Body.Close()
			}
			_, _ = conn.Write([]byte(words))
			if heard != nil {
				<-heard
				_ = conn.(*net.TCPConn).SetLinger(0)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-ended })
	return "http://" + listener.Addr().String() + "/stat"
}

// heardBy has a transport close the channel when it has read something, or at once where nothing is said; nil where
// nobody waits for it.
func heardBy(transport *http.Transport, wanted, atOnce bool) <-chan struct{} {
	if !wanted {
		return nil
	}
	heard := make(chan struct{})
	if atOnce {
		close(heard)
		return heard
	}
	var once sync.Once
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return listening{conn, func() { once.Do(func() { close(heard) }) }}, err
	}
	return heard
}

// listening is a connection that tells what it has read first.
type listening struct {
	net.Conn
	heard func()
}

func (l listening) Read(p []byte) (n int, err error) {
	if n, err = l.Conn.Read(p); n > 0 {
		l.heard()
	}
	return n, err
}

// What counts is the status of the final answer, whatever comes before and after it.
func TestOddAnswers(t *testing.T) {
	hints := "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	for name, c := range map[string]struct {
		words  string
		reset  bool
		status int // 0: there was no answer
	}{
		"hints, then yes":           {hints + "HTTP/1.1 204 No Content\r\n\r\n", false, 204},
		"hints, then no":            {hints + hints + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false, 404},
		"hints alone":               {hints, false, 0},
		"hints without end":         {strings.Repeat(hints, 100), false, 0},
		"continue, processing, yes": {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 200},
		"another protocol":          {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", false, 101},
		"yes, and garbage":          {"HTTP/1.1 200 OK\r\n\r\n\x00\xff{{{<html>", false, 200},
		"yes, and less than said":   {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", false, 200},
		"yes, and broken chunks":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false, 200},
		"yes, and a reset":          {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", true, 200},
		"of 1996":                   {"HTTP/1.0 200 OK\r\n\r\n", false, 200},
		"half a header":             {"HTTP/1.1 200 OK\r\nContent-Le", false, 0},
		"a reset":                   {"", true, 0},
		"nothing":                   {"", false, 0},
		"no HTTP":                   {"220 mail.example.com ESMTP\r\n", false, 0},
		"no status":                 {"HTTP/1.1 yes\r\n\r\n", false, 0},
		"an unknown class":          {"HTTP/1.1 799 What\r\nContent-Length: 0\r\n\r\n", false, 799},
	} {
		t.Run(name, func(t *testing.T) {
			transport := http.DefaultTransport.(*http.Transport).Clone()
			t.Cleanup(transport.CloseIdleConnections)
			e, err := New(t.Context(), speaking(t, c.words, heardBy(transport, c.reset, c.words == "")), transport, 10*time.Second, "headcount/1.2.3")
			require.NoError(t, err)
			answer, err := e.Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "key"})
			assert.Equal(t, c.status, answer.Status)
			assert.Equal(t, c.status == 0, err != nil)
			if err != nil {
				assert.Regexp(t, `^127\.0\.0\.1:\d+: (connection closed without an answer|no HTTP answer)$`, err.Error())
			}
		})
	}
}
