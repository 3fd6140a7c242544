// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// TestNumbersThatReadersTakeDifferently: a number is what every reader takes it for, or a failure.
func TestNumbersThatReadersTakeDifferently(t *testing.T) {
	for name, c := range map[string]struct {
		format Format
		text   string
		value  source.Value
		err    string
	}{
		"JSON with an exponent":        {JSON, `{"n": 1e3}`, float64(1000), ""},
		"JSON beyond 2^53":             {JSON, `{"n": 9007199254740993}`, int64(9007199254740993), ""},
		"JSON beyond 64 bits":          {JSON, `{"n": 18446744073709551616}`, nil, "beyond 64 bits"},
		"JSON beyond a double":         {JSON, `{"n": 1e999}`, nil, "beyond 64 bits"},
		"JSON with a leading zero":     {JSON, `{"n": 017}`, nil, "it is no JSON"},
		"JSON in hex":                  {JSON, `{"n": 0x10}`, nil, "it is no JSON"},
		"JSON, NaN":                    {JSON, `{"n": NaN}`, nil, "not finite"},
		"JSON, NaN aside":              {JSON, `{"m": [NaN, "NaN \" Infinity"], "o": -Infinity, "n": 3}`, int64(3), ""},
		"JSON, NaN in a text":          {JSON, `{"m": "a\\", "n": "NaN"}`, "NaN", ""},
		"JSON, no number with NaN":     {JSON, `{"n": 1NaN}`, nil, "it is no JSON"},
		"JSON with comments, NaN":      {"jsonc", `{"m": NaN, /* NaN */ "n": 3,}`, int64(3), ""},
		"JSON, a key twice":            {JSON, `{"n": 5, "n": 7}`, nil, "twice"},
		"JSON, another key twice":      {JSON, `{"m": 5, "m": 7, "n": 3}`, int64(3), ""},
		"JSON, invalid UTF-8 aside":    {JSON, "{\"m\": \"\xff\", \"n\": 3}", int64(3), ""},
		"JSON, invalid UTF-8":          {JSON, "{\"n\": \"caf\xe9\"}", nil, "UTF-8"},
		"JSON, half a character":       {JSON, `{"n": "\ud83d"}`, nil, "UTF-8"},
		"JSON, a whole one":            {JSON, `{"n": "\ud83d\ude00"}`, "😀", ""},
		"JSON with comments, twice":    {"jsonc", `{"n": 5, /* */ "n": 7,}`, nil, "twice"},
		"YAML, a key twice":            {YAML, "n: 5\nn: 7\n", nil, "twice"},
		"YAML, another key twice":      {YAML, "m: {a: 5, b: 1, a: 7}\nn: 3\n", int64(3), ""},
		"YAML, a key twice below":      {YAML, "n: &a {b: 5}\nn: *a\n", nil, "twice"},
		"YAML, a list as a key":        {YAML, "? [a, b]\n: 1\n? {c: 1}\n: 2\n{d: 1}: 4\nn: 3\n", int64(3), ""},
		"YAML 1.2":                     {YAML, "# made\n%YAML 1.2\n---\nn: 3\n", int64(3), ""},
		"YAML 2":                       {YAML, "%YAML 2.0\n---\nn: 3\n", nil, "it is no YAML"},
		"YAML, a tag of its own":       {YAML, "n: !secret version\n", nil, "tag"},
		"YAML, a tag of its own aside": {YAML, "m: !vault |\n  hunter2\no: !include {a: 1}\np: !Ref [a]\nn: 3\n", int64(3), ""},
		"YAML, a known tag":            {YAML, "n: !!str 5\n", "5", ""},
		"YAML, an anchor":              {YAML, "m: &a 57\nn: *a\n", int64(57), ""},
		"YAML, a merge":                {YAML, "m: &a {n: 57}\n<<: *a\n", int64(57), ""},
		"YAML with a leading zero":     {YAML, "n: 0644\n", nil, "octal"},
		"YAML, octal":                  {YAML, "n: 0o17\n", int64(15), ""},
		"YAML in hex":                  {YAML, "n: 0x10\n", int64(16), ""},
		"YAML, NaN":                    {YAML, "n: .nan\n", nil, "not finite"},
		"YAML beyond 64 bits":          {YAML, "n: 18446744073709551615\n", nil, "beyond 64 bits"},
		"YAML far beyond 64 bits":      {YAML, "n: 36893488147419103232\n", nil, "beyond 64 bits"},
		"TOML with underscores":        {TOML, "n = 1_000\n", int64(1000), ""},
		"TOML with a leading zero":     {TOML, "n = 017\n", nil, "it is no TOML"},
		"TOML, a key twice":            {TOML, "n = 5\nn = 7\n", nil, "it is no TOML"},
		"TOML, NaN":                    {TOML, "n = nan\n", nil, "not finite"},
		"TOML beyond 64 bits":          {TOML, "n = 9223372036854775808\n", nil, "it is no TOML"},
		"plist":                        {"plist", `<plist version="1.0"><dict><key>n</key><integer>57</integer></dict></plist>`, int64(57), ""},
		"plist beyond 64 bits":         {"plist", `<plist version="1.0"><dict><key>n</key><integer>18446744073709551615</integer></dict></plist>`, nil, "beyond 64 bits"},
		"plist, not a number":          {"plist", `<plist version="1.0"><dict><key>n</key><real>nan</real></dict></plist>`, nil, "not finite"},
		"through a key that is twice":  {JSON, `{"n": {"n": 5}, "n": {"n": 7}}`, nil, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			pointer, err := ParsePointer("/n")
			require.NoError(t, err)
			d, err := Parse(c.format, []byte(c.text))
			var value source.Value
			if err == nil {
				value, err = d.Value(pointer)
			}
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.value, value)
		})
	}
}
