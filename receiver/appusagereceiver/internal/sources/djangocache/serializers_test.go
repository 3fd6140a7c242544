// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package djangocache

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/python"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/redissource"
)

// TestSerializers is about what django-redis and django-valkey write by each of their serializers and compressors.
func TestSerializers(t *testing.T) {
	for _, django := range []string{"4.2", "5.2", "6.0"} {
		t.Run(django, func(t *testing.T) {
			interpreter := "python3"
			if django != "5.2" && os.Getenv("HEADCOUNT_PROVE") == "" {
				t.Skip("SKIP: one Django is enough here; HEADCOUNT_PROVE=1 tries the others")
			}
			if django == "6.0" {
				if interpreter = python.Newer("3.12"); interpreter == "" {
					t.Skip("SKIP: Django 6.0 needs Python 3.12, which is not here")
				}
			}
			serializersOf(t, interpreter, django)
		})
	}
}

func serializersOf(t *testing.T, interpreter, django string) {
	t.Helper()
	program := python.Of(t, interpreter, "../../../../..", "django-serializers", []string{
		"Django~=" + django + ".0", "django-redis==6.0.0", "django-valkey==0.3.2", "msgpack==1.1.1", "lz4==4.4.4", "pyzstd==0.17.0", "zstandard==0.23.0",
	})
	for _, library := range []string{"django_redis", "django_valkey"} {
		socket := cachetest.Redis(t)
		output, err := exec.Command(program, "-W", "ignore", "testdata/serializers.py", library, socket).CombinedOutput()
		require.NoError(t, err, string(output))
		server, err := redissource.Parse("unix://" + socket)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		session := server.Open(ctx)
		defer session.Close()
		for _, serializer := range []string{"pickle", "json", "msgpack"} {
			for _, compressor := range []string{"identity", "zlib", "gzip", "lzma", "lz4", "zstd"} {
				for name, want := range map[string]source.Value{
					"int": int64(57), "float": 0.5, "true": true, "none": nil,
					"text": "5.3.1, which is a text long enough to be compressed by every one of them",
				} {
					key := Key(serializer+":"+compressor, 1, name)
					data, err := session.Get(ctx, key)
					require.NoError(t, err)
					require.NotEmpty(t, data, key)
					got, err := FromRedis(data)
					require.NoError(t, err, "%s: %s", library, key)
					assert.Equal(t, want, got, "%s: %s", library, key)
				}
				data, err := session.Get(ctx, Key(serializer+":"+compressor, 1, "list"))
				require.NoError(t, err)
				_, err = FromRedis(data)
				require.Error(t, err)
			}
		}
	}
}
