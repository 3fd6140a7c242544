// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package memcachedsource

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// TestAsClients decodes what the clients themselves wrote, as testdata/record.sh records it: pymemcache 4.0.0,
// pylibmc 1.6.3, python-memcached 1.62, dalli 3.0.6, spymemcached 2.12.3, xmemcached 2.4.8, PHP's memcached 3.2.0 and memcached 2.2.2 of Node.js.
func TestAsClients(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	require.NoError(t, err)
	var written map[string][2]any
	require.NoError(t, json.Unmarshal(text, &written))
	require.Len(t, written, 113)
	want := map[string]source.Value{
		"zero": int64(0), "int": int64(57), "negative": int64(-1204), "large": int64(1) << 40, "float": 5.25, "single": 5.25,
		"true": true, "false": false, "text": "5.3", "digits": "57", "umlaut": "größer", "empty": nil, "byte": int64(57),
		"date": time.UnixMilli(1767225600000).UTC(), "raw": "57",
	}
	for key, value := range written {
		client, name, _ := strings.Cut(key, ":")
		data, err := base64.StdEncoding.DecodeString(value[1].(string))
		require.NoError(t, err)
		flags := uint32(value[0].(float64))
		got, err := decodeAs(client, data, flags, decode.Format{})
		wanted, isScalar := want[name]
		if !isScalar {
			assert.Error(t, err, key)
			assert.Nil(t, got, key)
			continue
		}
		require.NoError(t, err, key)
		assert.Equal(t, wanted, got, key)

		got, err = decodeAs("", data, flags, decode.Format{Encoding: decode.Int})
		if flags != 0 {
			require.ErrorIs(t, err, errFlags, key)
			assert.Nil(t, got, key)
		}
	}
}

// TestAsBinaryMemcached decodes what python-binary-memcached 0.33.0 wrote: it sets python-memcached's flags, and pickles by protocol 0.
func TestAsBinaryMemcached(t *testing.T) {
	for data, c := range map[string]struct {
		flags uint32
		value source.Value
	}{
		"57": {2, int64(57)}, "1099511627776": {2, int64(1) << 40}, "5.3": {0, "5.3"}, "5.4": {16, "5.4"},
		"I01\n.": {1, true}, "F5.25\n.": {1, 5.25},
	} {
		got, err := decodeAs("python-memcached", []byte(data), c.flags, decode.Format{})
		require.NoError(t, err, data)
		assert.Equal(t, c.value, got, data)
	}
	for data, flags := range map[string]uint32{"(lp0\nI1\na.": 1, "x\xda\xab\xa8": 8} {
		_, err := decodeAs("python-memcached", []byte(data), flags, decode.Format{})
		require.Error(t, err, data)
	}
}

// TestJSONOfSerializers is about clients that let one write JSON under a flag that means another thing without it: the example of
// pymemcache's documents, PHP's SERIALIZER_JSON, dalli's serializer: JSON.
func TestJSONOfSerializers(t *testing.T) {
	users, err := document.ParsePointer("/users")
	require.NoError(t, err)
	for client, flags := range map[string]uint32{"pymemcache": 2, "php": 6, "dalli": 1} {
		got, err := decodeAs(client, []byte(`{"users":57}`), flags, decode.Format{Encoding: decode.JSON, Pointer: users})
		require.NoError(t, err, client)
		assert.Equal(t, int64(57), got, client)
		_, err = decodeAs(client, []byte(`{"users":57}`), flags, decode.Format{})
		require.Error(t, err, client)
	}
	got, err := decodeAs("dalli", []byte("\x04\x08i>"), 1, decode.Format{Encoding: decode.JSON})
	require.NoError(t, err)
	assert.Equal(t, int64(57), got, "what the client wrote by itself stays what it is")
}

// TestJSONOfNode is about what Node's client writes as JSON by itself.
func TestJSONOfNode(t *testing.T) {
	total, err := document.ParsePointer("/users/total")
	require.NoError(t, err)
	got, err := decodeAs("node", []byte(`{"users":{"total":57}}`), 2, decode.Format{Encoding: decode.JSON, Pointer: total})
	require.NoError(t, err)
	assert.Equal(t, int64(57), got)
	_, err = decodeAs("node", []byte(`"5.3\u0000"`), 2, decode.Format{})
	require.ErrorContains(t, err, "control characters")
}

func TestControlCharacters(t *testing.T) {
	_, err := decodeAs("", []byte("\x04\bI\"\b5.3\x06:\x06ET"), 0, decode.Format{})
	require.ErrorIs(t, err, decode.ErrControl)
}

func FuzzDecode(f *testing.F) {
	f.Add("dalli", []byte("\x04\x08l+\x08\x00\x00\x00\x00\x00\x01"), uint32(1))
	f.Fuzz(func(_ *testing.T, client string, data []byte, flags uint32) {
		_, _ = decodeAs(client, data, flags, decode.Format{})
	})
}
