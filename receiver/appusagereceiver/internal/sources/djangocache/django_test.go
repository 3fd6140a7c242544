// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package djangocache

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/python"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/pickle"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/memcachedsource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/redissource"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// project is a Django and its cache backends.
type project struct {
	version  string
	redis    string
	memcache []string
}

const memcached = "django.core.cache.backends.memcached."

var projects = []project{
	{"3.2", "django_redis.cache.RedisCache", []string{"PyMemcacheCache", "PyLibMCCache", "MemcachedCache"}},
	{"4.2", "django.core.cache.backends.redis.RedisCache", []string{"PyMemcacheCache", "PyLibMCCache"}},
	{"5.2", "django.core.cache.backends.redis.RedisCache", []string{"PyMemcacheCache", "PyLibMCCache"}},
}

// written is what write.py writes and reads back, by the key that Django makes.
var written = map[string]source.Value{
	":1:zero": int64(0), ":1:int": int64(42), ":1:negative": int64(-7), ":1:large": int64(1 << 40),
	":1:largest": int64(math.MaxInt64), ":1:smallest": int64(math.MinInt64),
	":1:float": 0.5, ":1:text": "größer", ":1:digits": "42", ":1:empty": nil, ":1:none": nil,
	":1:true": true, ":1:false": false, ":1:an-hour": int64(1),
	Key("shop", 2, "users"): int64(11), Key("", 3, "users"): int64(12), Key("", 1, "key-of-ünïcode"): int64(5),
	":1:expired": nil, ":1:never-written": nil,
}

// refused are the values that are no scalars of 64 bits.
var refused = []string{":1:list", ":1:dict", ":1:beyond"}

// TestWhatDjangoWrites is about each backend of each version.
func TestWhatDjangoWrites(t *testing.T) {
	for _, p := range projects {
		t.Run(p.version, func(t *testing.T) {
			t.Run("redis", func(t *testing.T) {
				socket := cachetest.Redis(t)
				p.writes(t, t.TempDir(), p.redis, "unix://"+socket+"?db=0")
				server, err := redissource.Parse("unix://" + socket)
				require.NoError(t, err)
				session := server.Open(t.Context())
				defer session.Close()
				compare(t, func(key string) (source.Value, error) {
					data, err := session.Get(t.Context(), key)
					require.NoError(t, err)
					return FromRedis(data)
				})
			})
			for _, backend := range p.memcache {
				t.Run(backend, func(t *testing.T) {
					socket := cachetest.Memcached(t)
					location := "unix:" + socket
					if backend == "PyLibMCCache" {
						location = socket
					}
					p.writes(t, t.TempDir(), memcached+backend, location)
					server, err := memcachedsource.Parse(socket)
					require.NoError(t, err)
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					session := server.Open(ctx)
					defer session.Close()
					compare(t, func(key string) (source.Value, error) {
						data, flags, err := session.Get(ctx, key)
						require.NoError(t, err)
						value, err := FromMemcached(data, flags)
						if _, isBool := written[key].(bool); isBool && location == socket {
							return value == int64(1), err // pylibmc itself gives 1 for what was True, and 0
						}
						return value, err
					})
				})
			}
			t.Run("folder", func(t *testing.T) {
				folder := t.TempDir()
				p.writes(t, folder, "django.core.cache.backends.filebased.FileBasedCache", folder)
				before := listed(t, folder)
				compare(t, func(key string) (source.Value, error) { return FromFolder(folder, key, time.Now()) })
				assert.Equal(t, before, listed(t, folder), "what has expired is Django's to remove")
			})
			t.Run("database", func(t *testing.T) {
				folder := t.TempDir()
				p.writes(t, folder, "django.core.cache.backends.db.DatabaseCache", "app_cache")
				database, err := sqldb.Parse("sqlite:///" + filepath.Join(folder, "app.sqlite3"))
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				session, err := database.Open(ctx)
				require.NoError(t, err)
				defer session.Close()
				compare(t, func(key string) (source.Value, error) {
					pick := sqldb.Query{Kind: sqldb.Pick, Table: "app_cache", Where: map[string]any{"cache_key": key}}
					expires, value := pick, pick
					expires.Column, value.Column = "expires", "value"
					answers := session.Read(ctx, []sqldb.Query{expires, value})
					require.NoError(t, answers[0].Err)
					require.NoError(t, answers[1].Err)
					return FromTable(answers[0].Value, answers[1].Value, time.Now())
				})
			})
		})
	}
}

// listed are the files of a folder, each with its size and time.
func listed(t *testing.T, folder string) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		files = append(files, fmt.Sprint(info.Name(), info.Size(), info.ModTime()))
	}
	return files
}

// TestFromFolder is about files that are none of Django's, about folders, and about the moment of expiry.
func TestFromFolder(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	folder := t.TempDir()
	put := func(content string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, fileName(":1:k")), []byte(content), 0o600))
	}
	packed := func(pickle string) string {
		var out bytes.Buffer
		w := zlib.NewWriter(&out)
		_, err := w.Write([]byte(pickle))
		require.NoError(t, errors.Join(err, w.Close()))
		return out.String()
	}
	until := func(at float64) string {
		bits := binary.BigEndian.AppendUint64([]byte("\x80\x05\x95\x0a\x00\x00\x00\x00\x00\x00\x00G"), math.Float64bits(at))
		return string(bits) + "."
	}
	value, never := packed("\x80\x05K*."), "\x80\x05N."
	for name, c := range map[string]struct {
		content string
		found   source.Value
		err     error
	}{
		"in time":                {until(1_800_000_000.5) + value, int64(42), nil},
		"at the last":            {until(1_800_000_000) + value, int64(42), nil},
		"too late":               {until(1_799_999_999) + value, nil, nil},
		"never":                  {never + value, int64(42), nil},
		"none":                   {never + packed("\x80\x05N."), nil, nil},
		"a list":                 {never + packed("\x80\x05](K\x01K\x02e."), nil, pickle.ErrRefused},
		"cut short":              {never + value[:6], nil, errFile},
		"no expiry":              {value, nil, errFile},
		"an expiry of text":      {"\x80\x05\x8c\x01a." + value, nil, errFile},
		"nothing":                {"", nil, errFile},
		"of several compressors": {never + value + "x", int64(42), nil},
		"too long":               {never + packed("\x80\x05X\x00\x00\x02\x00"+strings.Repeat("a", 1<<17)+"."), nil, decode.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			put(c.content)
			found, err := FromFolder(folder, ":1:k", now)
			if c.err != nil {
				require.ErrorContains(t, err, c.err.Error())
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.found, found)
		})
	}
	found, err := FromFolder(folder, ":1:other", now)
	require.NoError(t, err)
	assert.Nil(t, found)
	_, err = FromFolder(filepath.Join(folder, "missing"), ":1:k", now)
	require.ErrorIs(t, err, errNoFolder)
	_, err = FromFolder(filepath.Join(folder, fileName(":1:k")), ":1:k", now)
	require.ErrorIs(t, err, errNoFolder)
}

func compare(t *testing.T, read func(key string) (source.Value, error)) {
	t.Helper()
	for key, value := range written {
		found, err := read(key)
		require.NoError(t, err, key)
		assert.Equal(t, value, found, key)
	}
	for _, key := range refused {
		_, err := read(key)
		assert.Error(t, err, key)
	}
}

// writes runs write.py in an environment of the project's own.
func (p project) writes(t *testing.T, folder, backend, location string) {
	t.Helper()
	python := python.Python(t, "../../../../..", "django-"+p.version, python.Django(p.version))
	script, err := filepath.Abs("testdata/write.py")
	require.NoError(t, err)
	command := exec.Command(python, "-W", "ignore", script, backend, location)
	command.Dir = folder
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	require.Contains(t, string(output), p.version+".", "another Django ran")
}

// TestFromTable is about rows that are none of Django's, and about the moment of expiry.
func TestFromTable(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		expires, value any
		found          source.Value
		err            error
	}{
		"in time":          {now.Add(time.Second), "gAVLKi4=", int64(42), nil},
		"at the last":      {now, "gAVLKi4=", int64(42), nil},
		"too late":         {now.Add(-time.Second), "gAVLKi4=", nil, nil},
		"no time":          {"tomorrow", "gAVLKi4=", nil, errTable},
		"no text":          {now, int64(5), nil, errTable},
		"no base64":        {now, "hunter2!", nil, errTable},
		"value is nothing": {now, nil, nil, nil},
		"no row":           {nil, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := FromTable(c.expires, c.value, now)
			require.ErrorIs(t, err, c.err)
			assert.Equal(t, c.found, found)
		})
	}
}

func TestOtherClients(t *testing.T) {
	_, err := FromMemcached([]byte("x"), flagPickle|flagCompressed)
	require.ErrorIs(t, err, errCompressed)
	_, err = FromMemcached([]byte("x"), 1<<9)
	require.ErrorIs(t, err, errSerializer)
	_, err = FromRedis([]byte(`{"json": 1}`))
	require.Error(t, err)
}
