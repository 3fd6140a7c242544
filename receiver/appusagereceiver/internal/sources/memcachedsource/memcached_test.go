// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package memcachedsource

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/framing"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, endpoint string, timeout time.Duration) (*Session, context.Context) {
	t.Helper()
	server, err := Parse(endpoint)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	session := server.Open(ctx)
	t.Cleanup(func() {
		session.Close()
		cancel()
	})
	return session, ctx
}

func TestReadings(t *testing.T) {
	socket := cachetest.Memcached(t, "-I", "4m")
	writer := memcache.New(socket)
	t.Cleanup(func() { require.NoError(t, writer.Close()) })
	for key, value := range map[string]string{
		"int": "42", "float": "0.5", "text": "größer", "binary": "a\x04", "empty": "", "json": `{"a": 7}`, "pickle": "\x80\x05\x88.",
		"long": strings.Repeat("x", 2<<20), "VALUE": "VALUE x 0 99999999\r\n",
	} {
		require.NoError(t, writer.Set(&memcache.Item{Key: key, Value: []byte(value)}))
	}
	require.NoError(t, writer.Set(&memcache.Item{Key: "flagged", Value: []byte("1"), Flags: 3}))
	session, ctx := open(t, socket, time.Minute)
	for _, c := range []struct {
		key      string
		encoding decode.Encoding
		value    source.Value
		says     string
	}{
		{"int", decode.Int, int64(42), ""},
		{"float", decode.Float, 0.5, ""},
		{"text", decode.Text, "größer", ""},
		{"VALUE", decode.Text, "VALUE x 0 99999999", ""}, // and not the next reply
		{"binary", decode.Text, nil, "control characters"},
		{"empty", decode.Int, nil, ""},
		{"missing", decode.Int, nil, ""},
		{"pickle", decode.Pickle, true, ""},
		{"text", decode.Int, nil, "no integer"},
		{"long", decode.Text, nil, "64 KiB"},
		{"a key", decode.Text, nil, "without spaces"},
		{strings.Repeat("k", 251), decode.Text, nil, "250 bytes"},
		{"int", decode.Int, int64(42), ""}, // after all that
	} {
		value, err := session.Read(ctx, c.key, "", decode.Format{Encoding: c.encoding})
		if c.says == "" {
			require.NoError(t, err, c.key)
		} else {
			require.ErrorContains(t, err, c.says, c.key)
			var failure *source.Error
			require.ErrorAs(t, err, &failure)
			assert.False(t, failure.SessionLost, failure.Reason)
		}
		assert.Equal(t, c.value, value, c.key)
	}
	_, flags, err := session.Get(ctx, "flagged")
	require.NoError(t, err)
	assert.Equal(t, uint32(3), flags)
}

func TestExpired(t *testing.T) {
	socket := cachetest.Memcached(t)
	writer := memcache.New(socket)
	t.Cleanup(func() { require.NoError(t, writer.Close()) })
	// A time in the past is at once too late.
	require.NoError(t, writer.Set(&memcache.Item{Key: "gone", Value: []byte("1"), Expiration: int32(time.Now().Add(-time.Hour).Unix())}))
	session, ctx := open(t, socket, time.Minute)
	value, err := session.Read(ctx, "gone", "", decode.Format{Encoding: decode.Int})
	require.NoError(t, err)
	assert.Nil(t, value)
}

func TestEndpoints(t *testing.T) {
	for _, endpoint := range []string{"", "host", "host:", ":11211", "host:port", "host:0", "memcached://u:hunter2@host:1", "u:hunter2@host:1", "host:99999"} {
		_, err := Parse(endpoint)
		require.ErrorIs(t, err, errEndpoint, endpoint)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	for _, endpoint := range []string{"127.0.0.1:11211", "[::1]:11211", "cache:11211", "/run/memcached.sock"} {
		_, err := Parse(endpoint)
		require.NoError(t, err)
	}
}

// TestHostileServers is about servers that answer anything but what was asked, or nothing.
func TestHostileServers(t *testing.T) {
	for name, c := range map[string]struct {
		reply  string
		repeat bool
		err    error
	}{
		"hangs up":           {"", false, source.ErrConnectionLost},
		"silence":            {"", true, errSilent},
		"4 GB":               {"VALUE k 0 4294967295\r\n", false, framing.ErrLimit},
		"1 GB":               {"VALUE k 0 1073741824\r\n", false, errTooLarge},
		"values without end": {"VALUE k 0 1\r\nx\r\n", true, framing.ErrLimit},
		"a line without end": {strings.Repeat("x", 1<<16), true, framing.ErrLimit},
		"a web server":       {"HTTP/1.1 400 Bad Request\r\n", false, framing.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			endpoint := impostor(t, c.reply, c.repeat)
			timeout := time.Minute
			if name == "silence" {
				timeout = time.Second / 2
			}
			session, ctx := open(t, endpoint, timeout)
			_, err := session.Read(ctx, "k", "", decode.Format{})
			require.ErrorIs(t, err, c.err)
		})
	}
	t.Run("unreachable", func(t *testing.T) {
		session, ctx := open(t, "/nowhere/socket", time.Minute)
		_, err := session.Read(ctx, "k", "", decode.Format{})
		require.ErrorIs(t, err, source.ErrUnreachable)
	})
	t.Run("stopping", func(t *testing.T) {
		server, err := Parse(impostor(t, "", true))
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		session := server.Open(ctx)
		defer session.Close()
		cancel()
		_, err = session.Read(ctx, "k", "", decode.Format{})
		require.ErrorIs(t, err, source.ErrStopping)
	})
}

// impostor answers each connection's first line; when it repeats an empty reply it keeps silent.
func impostor(t *testing.T, reply string, repeat bool) string {
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
			reader := bufio.NewReader(conn)
			_, _ = reader.ReadString('\n')
			for err = nil; err == nil; {
				if _, err = fmt.Fprint(conn, reply); !repeat {
					break
				}
				if reply == "" {
					_, err = reader.ReadString(0) // until the other side hangs up
				}
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return socket
}
