// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func format(t *testing.T, encoding Encoding, at string) Format {
	t.Helper()
	pointer, err := document.ParsePointer(at)
	require.NoError(t, err)
	return Format{encoding, pointer}
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		encoding    Encoding
		pointer, in string
		value       source.Value
	}{
		{Int, "", "42", int64(42)},
		{Int, "", "-7\n", int64(-7)},
		{Int, "", "", nil},
		{Float, "", "0.25", 0.25},
		{Float, "", "42", 42.0},
		{Text, "", "größer", "größer"},
		{"", "", "plain", "plain"},
		{Text, "", "5.3\r\n", "5.3"}, // as `redis-cli -x` stores
		{Text, "", "", nil},
		{Text, "", "[beta] 5.3", "[beta] 5.3"},
		{JSON, "", "42", int64(42)},
		{JSON, "", `"x"`, "x"},
		{JSON, "", "null", nil},
		{JSON, "/users", `{"users": 12}`, int64(12)},
		{JSON, "/users", `{}`, nil},
		{Pickle, "", "\x80\x05K\x2a.", int64(42)},
		{Pickle, "", "\x80\x05N.", nil},
		{Pickle, "", "\x80\x05\x8c\x00\x94.", nil},
	} {
		value, err := format(t, c.encoding, c.pointer).Value([]byte(c.in))
		require.NoError(t, err, "%q", c.in)
		assert.Equal(t, c.value, value, "%q as %s", c.in, c.encoding)
	}
}

// TestRefused is about values of which no error repeats a byte, and that harm no other reading.
func TestRefused(t *testing.T) {
	const secret = "hunter2"
	for _, c := range []struct {
		encoding Encoding
		in, says string
	}{
		{Int, secret, "no integer"},
		{Int, "1.5", "no integer"},
		{Int, "99999999999999999999", "no integer"},
		{Float, secret, "no finite number"},
		{Float, "NaN", "no finite number"},
		{Float, "1e999", "no finite number"},
		{Text, "\xff" + secret, "no UTF-8"},
		{Text, "\x04\bI\"\x0c" + secret + "\x06:\x06ET", "control characters"}, // Ruby's Marshal
		{Text, "s:7:\"" + secret + "\";", "`as: php`"},
		{JSON, `"hunter2\u0007"`, "control characters"},
		{Text, `"` + secret + `"`, "`as: json`"}, // Spring's, Rails' and Jackson's serializers
		{Text, `{"value":"` + secret + `","expires":null}`, "`as: json`"},
		{Text, `["java.lang.String","` + secret + `"]` + "\n", "`as: json`"},
		{Text, strings.Repeat(secret, 40), "longer than 256 bytes"},
		{JSON, secret, "no JSON"},
		{JSON, `{"a": "hunter2"}`, "an array or an object"},
		{Pickle, secret, "the pickle holds more"},
		{Pickle, "X\x08\x01\x00\x00" + strings.Repeat("hunter2!", 33) + ".", "longer than 256 bytes"},
		{JSON, strings.Repeat(" ", MaxBytes+1), "64 KiB"},
	} {
		value, err := format(t, c.encoding, "").Value([]byte(c.in))
		assert.Nil(t, value)
		require.ErrorContains(t, err, c.says, "%s", c.encoding)
		assert.NotContains(t, err.Error(), secret)
		var failure *source.Error
		require.ErrorAs(t, err, &failure)
		assert.False(t, failure.SessionLost, "one value is damaged, not the cache")
	}
}

func FuzzValue(f *testing.F) {
	for i, seed := range []string{"text", "42", "0.5", `{"a": 1}`, "\x80\x05K\x01."} {
		f.Add(i, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, encoding int, data []byte) {
		value, err := Format{Encoding: Encodings[uint(encoding)%uint(len(Encodings))]}.Value(data)
		if err != nil {
			require.Nil(t, value)
			return
		}
		if text, isText := value.(string); isText {
			require.LessOrEqual(t, len(text), source.MaxText)
		}
	})
}
