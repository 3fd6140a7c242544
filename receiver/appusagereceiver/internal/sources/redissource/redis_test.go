// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package redissource

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// writer is a client that writes what the tests read.
type writer struct {
	t    *testing.T
	conn redis.Conn
}

func newWriter(t *testing.T, network, address string) writer {
	conn, err := redis.Dial(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return writer{t, conn}
}

func (w writer) do(command string, args ...any) any {
	w.t.Helper()
	reply, err := w.conn.Do(command, args...)
	require.NoError(w.t, err, command)
	return reply
}

// filled starts a Redis with one key of each type, and returns its URL and a writer.
func filled(t *testing.T, args ...string) (string, writer) {
	socket := cachetest.Redis(t, args...)
	return "unix://" + socket, fill(t, socket)
}

// fill writes one key of each type.
func fill(t *testing.T, socket string) writer {
	w := newWriter(t, "unix", socket)
	now := time.Now()
	ago := func(d time.Duration) int64 { return now.Add(-d).Unix() }
	day := 24 * time.Hour
	w.do("SET", "int", 42)
	w.do("SET", "float", "0.5")
	w.do("SET", "text", "größer")
	w.do("SET", "empty", "")
	w.do("SET", "json", `{"users": {"total": 12}}`)
	w.do("SET", "pickle", "\x80\x05K\x2a.")
	w.do("SET", "long", strings.Repeat("x", 1<<20))
	w.do("SADD", "set", "a", "b", "c")
	w.do("ZADD", "seen", ago(time.Hour), "a", ago(29*day), "b", ago(31*day), "c")
	w.do("ZADD", "seen:days", ago(0)/86400, "a", ago(40*day)/86400, "b")
	w.do("ZADD", "seen:newest", -ago(time.Hour), "a", -ago(40*day), "b")
	w.do("ZADD", "seen:ms", ago(time.Hour)*1000, "a", ago(29*day)*1000, "b", ago(31*day)*1000, "c", 0, "never", "inf", "always")
	w.do("RPUSH", "list", 1, 2, 3, 4)
	w.do("HSET", "hash", "a", 1, "b", 2, "long", strings.Repeat("x", 1<<17), "json", `{"n": 7}`)
	w.do("HSET", "stats:1", "users", 3)
	w.do("HSET", "stats:2", "users", 4)
	w.do("XADD", "stream", "*", "a", 1)
	w.do("XADD", "stream", "*", "a", 2)
	w.do("SETBIT", "days", 3, 1)
	w.do("SETBIT", "days", 30, 1)
	w.do("PFADD", "unique", "a", "b", "c", "a")
	for i := range 250 {
		w.do("SET", fmt.Sprintf("counter:%d", i), i)
		w.do("SADD", fmt.Sprintf("room[*]:%d", i), "a", "b")
	}
	w.do("SET", "counterfeit", "x")
	w.do("SADD", "roomy:1", "a")
	return w
}

func open(t *testing.T, address string) *Session {
	t.Helper()
	server, err := Parse(address)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	session := server.Open(ctx)
	t.Cleanup(func() {
		session.Close()
		cancel()
	})
	return session
}

func read(t *testing.T, session *Session, q Query) (source.Value, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return session.Read(ctx, q)
}

func as(t *testing.T, encoding decode.Encoding, at string) decode.Format {
	t.Helper()
	pointer, err := document.ParsePointer(at)
	require.NoError(t, err)
	return decode.Format{Encoding: encoding, Pointer: pointer}
}

// readings are one query of each kind, with what it finds in a filled server.
func readings(t *testing.T) map[string]struct {
	query Query
	value source.Value
} {
	day := 24 * time.Hour
	return map[string]struct {
		query Query
		value source.Value
	}{
		"int":              {Query{Command: Get(as(t, decode.Int, "")), Key: "int"}, int64(42)},
		"float":            {Query{Command: Get(as(t, decode.Float, "")), Key: "float"}, 0.5},
		"text":             {Query{Command: Get(decode.Format{}), Key: "text"}, "größer"},
		"empty":            {Query{Command: Get(as(t, decode.Int, "")), Key: "empty"}, nil},
		"missing":          {Query{Command: Get(as(t, decode.Int, "")), Key: "missing"}, nil},
		"json":             {Query{Command: Get(as(t, decode.JSON, "/users/total")), Key: "json"}, int64(12)},
		"pickle":           {Query{Command: Get(as(t, decode.Pickle, "")), Key: "pickle"}, int64(42)},
		"scard":            {Query{Command: Count("SCARD"), Key: "set"}, int64(3)},
		"scard of nothing": {Query{Command: Count("SCARD"), Key: "missing"}, int64(0)},
		"zcard":            {Query{Command: Count("ZCARD"), Key: "seen"}, int64(3)},
		"zcount":           {Query{Command: ZCount(30*day, Units["s"]), Key: "seen"}, int64(2)},
		"zcount in ms":     {Query{Command: ZCount(30*day, Units["ms"]), Key: "seen:ms"}, int64(3)},
		"hget":             {Query{Command: HGet("b", as(t, decode.Int, "")), Key: "hash"}, int64(2)},
		"hget of JSON":     {Query{Command: HGet("json", as(t, decode.JSON, "/n")), Key: "hash"}, int64(7)},
		"hget of no field": {Query{Command: HGet("c", as(t, decode.Int, "")), Key: "hash"}, nil},
		"hget of no hash":  {Query{Command: HGet("c", as(t, decode.Int, "")), Key: "missing"}, nil},
		"sum of hget":      {Query{Command: HGet("users", as(t, decode.Int, "")), Prefix: "stats:", Limit: 9}, int64(7)},
		"xlen":             {Query{Command: Count("XLEN"), Key: "stream"}, int64(2)},
		"bitcount":         {Query{Command: Count("BITCOUNT"), Key: "days"}, int64(2)},
		"llen":             {Query{Command: Count("LLEN"), Key: "list"}, int64(4)},
		"hlen":             {Query{Command: Count("HLEN"), Key: "hash"}, int64(4)},
		"pfcount":          {Query{Command: PFCount, Key: "unique"}, int64(3)},
		"sum of get":       {Query{Command: Get(as(t, decode.Int, "")), Prefix: "counter:", Limit: 250}, int64(249 * 250 / 2)},
		"sum of no key":    {Query{Command: Get(as(t, decode.Int, "")), Prefix: "nobody:", Limit: 250}, nil},
		"sum of scard":     {Query{Command: Count("SCARD"), Prefix: "room[*]:", Limit: 250}, int64(500)},
		"sum of no set":    {Query{Command: Count("SCARD"), Prefix: "nobody:", Limit: 250}, int64(0)},
	}
}

func TestReadings(t *testing.T) {
	address, _ := filled(t)
	session := open(t, address)
	for name, c := range readings(t) {
		t.Run(name, func(t *testing.T) {
			value, err := read(t, session, c.query)
			require.NoError(t, err)
			assert.Equal(t, c.value, value)
		})
	}
}

// TestOnlyReads is about the server's own account of each command, and what it holds afterwards.
func TestOnlyReads(t *testing.T) {
	address, w := filled(t, "--enable-debug-command", "yes")
	digest := func() any { return w.do("DEBUG", "DIGEST") }
	before := digest()

	monitor, err := net.Dial("unix", strings.TrimPrefix(address, "unix://"))
	require.NoError(t, err)
	defer func() { _ = monitor.Close() }()
	_, err = monitor.Write([]byte("MONITOR\r\n"))
	require.NoError(t, err)
	lines := bufio.NewScanner(monitor)
	require.True(t, lines.Scan())

	session := open(t, address)
	for _, c := range readings(t) {
		_, err := read(t, session, c.query)
		require.NoError(t, err)
	}
	w.do("ECHO", "the end")

	seen := map[string]bool{}
	for lines.Scan() && !strings.Contains(lines.Text(), "the end") {
		command := strings.ToLower(strings.Split(lines.Text(), `"`)[1])
		seen[command] = true
	}
	delete(seen, "debug")
	for command := range seen {
		assert.NotContains(t, fmt.Sprint(w.do("COMMAND", "INFO", command)), "write", "%s writes", command)
	}
	for _, kind := range []string{"getrange", "scard", "zcard", "zcount", "llen", "hlen", "pfcount", "scan", "hget", "xlen", "bitcount"} {
		assert.True(t, seen[kind], "%s was not sent", kind)
	}
	assert.Equal(t, before, digest(), "the server holds what it held, the count that a HyperLogLog notes in itself too")
}

// TestReader is about a user who may do no more than read some keys.
func TestReader(t *testing.T) {
	address, w := filled(t)
	const password = "p@ss w/rd"
	w.do("ACL", "SETUSER", "headcount", "on", ">"+password, "~set", "~counter:*", "+getrange", "+scard", "+scan")
	login := (&url.URL{Scheme: "unix", User: url.UserPassword("headcount", password), Path: strings.TrimPrefix(address, "unix://")}).String()

	session := open(t, login)
	value, err := read(t, session, Query{Command: Count("SCARD"), Key: "set"})
	require.NoError(t, err)
	assert.Equal(t, int64(3), value)
	for name, q := range map[string]Query{
		"a command": {Command: Count("LLEN"), Key: "list"},
		"a key":     {Command: Count("SCARD"), Key: "other"},
	} {
		_, err = read(t, session, q)
		assert.ErrorIs(t, err, errPermission, name)
	}
	value, err = read(t, session, Query{Command: Get(as(t, decode.Int, "")), Prefix: "counter:", Limit: 1000})
	require.NoError(t, err, "after a refusal the others still come")
	assert.Equal(t, int64(31125), value)

	for name, c := range map[string]struct {
		address string
		err     error
	}{
		"another password":     {strings.Replace(login, "rd@", "rds@", 1), errLogin},
		"another user":         {strings.Replace(login, "headcount", "nobody", 1), errLogin},
		"a database of no use": {login + "?db=3", errDatabase},
		"a database too far":   {address + "?db=99", errDatabase},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, open(t, c.address), Query{Command: Count("SCARD"), Key: "set"})
			assert.ErrorIs(t, err, c.err)
			assert.NotContains(t, fmt.Sprint(err), "headcount")
		})
	}
}

func TestPassword(t *testing.T) {
	socket := cachetest.Redis(t, "--requirepass", "hunter2")
	_, err := read(t, open(t, "unix://"+socket), Query{Command: Count("SCARD"), Key: "set"})
	require.ErrorIs(t, err, errLogin)
	_, err = read(t, open(t, "unix://:hunter2@"+socket), Query{Command: Count("SCARD"), Key: "set"})
	require.NoError(t, err)
}

// TestRefused is about readings that fail for themselves and leave the others alone.
func TestRefused(t *testing.T) {
	address, _ := filled(t)
	session := open(t, address)
	for name, c := range map[string]struct {
		query Query
		says  string
	}{
		"another type":         {Query{Command: Count("SCARD"), Key: "list"}, "another type"},
		"a set as a string":    {Query{Command: Get(decode.Format{}), Key: "set"}, "another type"},
		"no integer":           {Query{Command: Get(as(t, decode.Int, "")), Key: "text"}, "no integer"},
		"no pickle":            {Query{Command: Get(as(t, decode.Pickle, "")), Key: "text"}, "pickle"},
		"a megabyte":           {Query{Command: Get(decode.Format{}), Key: "long"}, "64 KiB"},
		"too many keys":        {Query{Command: Get(as(t, decode.Int, "")), Prefix: "counter:", Limit: 249}, "`limit`"},
		"texts to add up":      {Query{Command: Get(decode.Format{}), Prefix: "counterf", Limit: 9}, "no number"},
		"another type to add":  {Query{Command: Count("SCARD"), Prefix: "counter:", Limit: 999}, "another type"},
		"a long field":         {Query{Command: HGet("long", decode.Format{}), Key: "hash"}, "64 KiB"},
		"seconds for ms":       {Query{Command: ZCount(time.Hour, Units["ms"]), Key: "seen"}, "`unit: s`"},
		"days for seconds":     {Query{Command: ZCount(time.Hour, Units["s"]), Key: "seen:days"}, "`unit: s`"},
		"the newest first":     {Query{Command: ZCount(time.Hour, Units["s"]), Key: "seen:newest"}, "`unit: s`"},
		"ms for seconds":       {Query{Command: ZCount(time.Hour, Units["s"]), Key: "seen:ms"}, "`unit: s`"},
		"lost in a JSON value": {Query{Command: Get(as(t, decode.JSON, "/users/total/x")), Key: "json"}, "no members"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, session, c.query)
			require.ErrorContains(t, err, c.says)
			var failure *source.Error
			require.ErrorAs(t, err, &failure)
			assert.False(t, failure.SessionLost)
			value, err := read(t, session, Query{Command: Count("SCARD"), Key: "set"})
			require.NoError(t, err)
			assert.Equal(t, int64(3), value)
		})
	}
}

// TestHostileServers is about servers that answer anything but what was asked.
func TestHostileServers(t *testing.T) {
	endless := strings.Repeat("x", 1<<16)
	hello := "*4\r\n+mode\r\n+standalone\r\n+role\r\n+master\r\n" // the greeting's answer, from a server of today
	for name, c := range map[string]struct {
		replies []string
		repeat  bool
		err     error
	}{
		"hangs up":                   {nil, false, errUngreeted},
		"a text of 2^62 bytes":       {[]string{hello, "$4611686018427387904\r\n"}, false, framing.ErrLimit},
		"a text of 1 GB":             {[]string{hello, "$1073741824\r\n", endless}, true, framing.ErrLimit},
		"a line without end":         {[]string{hello, "+", endless}, true, framing.ErrLimit},
		"an array of 2^40":           {[]string{hello, "*1099511627776\r\n"}, false, framing.ErrLimit},
		"arrays in arrays":           {[]string{strings.Repeat("*1\r\n", 1000)}, true, framing.ErrLimit},
		"arrays in arrays, in pairs": {[]string{strings.Repeat("*2\r\n+a\r\n", 1000)}, true, framing.ErrLimit},
		"a web server":               {[]string{"HTTP/1.1 400 Bad Request\r\n\r\n"}, false, framing.ErrLimit},
		"an empty line":              {[]string{hello, "\r\n"}, false, framing.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			address := impostor(t, func(conn net.Conn) {
				_, _ = bufio.NewReader(conn).ReadString('\n')
				for first := true; first || c.repeat; first = false {
					for _, reply := range c.replies {
						if _, err := conn.Write([]byte(reply)); err != nil {
							return
						}
					}
				}
			})
			_, err := read(t, open(t, address), Query{Command: Get(decode.Format{}), Key: "k"})
			require.Error(t, err)
			var failure *source.Error
			require.ErrorAs(t, err, &failure)
			assert.True(t, failure.SessionLost, failure.Reason)
			assert.Contains(t, []error{c.err, framing.ErrLimit, source.ErrConnectionLost, errUngreeted}, err)
		})
	}
}

// TestStalls is about a server that says nothing more, before or after it knows who asks.
func TestStalls(t *testing.T) {
	for name, greeting := range map[string]string{"at once": "", "after AUTH": "+OK\r\n"} {
		t.Run(name, func(t *testing.T) {
			address := impostor(t, func(conn net.Conn) {
				_, _ = conn.Write([]byte(greeting))
				_, _ = conn.Read(make([]byte, 1<<16))
				_, _ = bufio.NewReader(conn).ReadString(0) // until the other side hangs up
			})
			server, err := Parse(strings.Replace(address, "unix://", "unix://user:hunter2@", 1))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			session := server.Open(ctx)
			defer session.Close()
			_, err = session.Read(ctx, Query{Command: Get(decode.Format{}), Key: "k"})
			require.ErrorIs(t, err, errSilent)
		})
	}
	t.Run("and the collector stops", func(t *testing.T) {
		asked := make(chan struct{})
		address := impostor(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1<<16))
			close(asked)
			_, _ = bufio.NewReader(conn).ReadString(0)
		})
		server, err := Parse(address)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		session := server.Open(ctx)
		defer session.Close()
		go func() {
			<-asked
			cancel()
		}()
		_, err = session.Read(ctx, Query{Command: Get(decode.Format{}), Key: "k"})
		require.ErrorIs(t, err, source.ErrStopping)
	})
}

// TestEncrypted is about TLS: a certificate that nobody vouches for, and one that the URL accepts.
func TestEncrypted(t *testing.T) {
	address, _ := filled(t)
	strangers := httptest.NewTLSServer(http.NotFoundHandler())
	defer strangers.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", strangers.TLS)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() { // from TLS to the server's socket
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("unix", strings.TrimPrefix(address, "unix://"))
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(behind, conn); _ = behind.Close() }()
			_, _ = io.Copy(conn, behind)
			_ = conn.Close()
		}
	}()
	at := listener.Addr().String()
	_, err = read(t, open(t, "rediss://:hunter2@"+at), Query{Command: Count("SCARD"), Key: "set"})
	require.ErrorIs(t, err, errEncryption)

	session := open(t, "rediss://"+at+"?skip_verify=true")
	value, err := read(t, session, Query{Command: Count("SCARD"), Key: "set"})
	require.NoError(t, err)
	assert.Equal(t, int64(3), value)
	session.Close()
	require.NoError(t, listener.Close())
	<-done
}

func TestUnreachable(t *testing.T) {
	_, err := read(t, open(t, "unix:///nowhere/redis.sock"), Query{Command: Get(decode.Format{}), Key: "k"})
	require.ErrorIs(t, err, source.ErrUnreachable)
}

// impostor serves one connection after another on a unix socket.
func impostor(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "unix://" + socket
}
