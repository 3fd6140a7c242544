// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func pointer(t require.TestingT, text string) Pointer {
	p, err := ParsePointer(text)
	require.NoError(t, err)
	return p
}

var documents = map[Format]string{
	JSON: `{"version": "5.3", "users": {"total": 12, "ratio": 0.5, "a/b": 1, "m~n": 2, "": 3}, "tags": [],
		"open": true, "none": null, "empty": "", "shops": [{"orders": 3}, {"orders": 4}, {}, {"orders": null}],
		"counts": [1, 2.5], "huge": 123456789012345678901234567890, "whole": 5.0, "since": "2026-01-02T03:04:05Z"}`,
	YAML:   "version: '5.3'\nusers: {total: 12, ratio: 0.5}\nopen: true\nnone:\nempty: ''\n7: seven\nsince: 2026-01-02T03:04:05+01:00\ncounts: [1, 2.5]\n",
	TOML:   "version = '5.3'\nopen = true\nsince = 2026-01-02T03:04:05Z\nday = 2026-01-02\ncounts = [1, 2]\n[users]\ntotal = 12\nratio = 0.5\n",
	Dotenv: "# a comment\nVERSION=5.3\nexport DEBUG='True'\nEMPTY=\nKEY=\"with \\\"quotes\\\"\"\n",
}

func TestValue(t *testing.T) {
	long := strings.Repeat("x", 257)
	for _, c := range []struct {
		format  Format
		pointer string
		value   source.Value
	}{
		{JSON, "/version", "5.3"},
		{JSON, "/users/total", int64(12)},
		{JSON, "/users/ratio", 0.5},
		{JSON, "/users/a~1b", int64(1)},
		{JSON, "/users/m~0n", int64(2)},
		{JSON, "/users/", int64(3)},
		{JSON, "/open", true},
		{JSON, "/none", nil},
		{JSON, "/none/below", nil},
		{JSON, "/empty", nil},
		{JSON, "/missing", nil},
		{JSON, "/missing/below", nil},
		{JSON, "/shops/1/orders", int64(4)},
		{JSON, "/shops/9/orders", nil},
		{JSON, "/tags/name", nil}, // PHP writes an empty object so
		{JSON, "/whole", 5.0},
		{JSON, "/since", "2026-01-02T03:04:05Z"},
		{YAML, "/version", "5.3"},
		{YAML, "/users/total", int64(12)},
		{YAML, "/7", "seven"},
		{YAML, "/none", nil},
		{YAML, "/since", time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC)},
		{TOML, "/version", "5.3"},
		{TOML, "/users/ratio", 0.5},
		{TOML, "/since", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{TOML, "/day", "2026-01-02"},
		{Dotenv, "/VERSION", "5.3"},
		{Dotenv, "/DEBUG", "True"},
		{Dotenv, "/EMPTY", nil},
		{Dotenv, "/MISSING", nil},
		{Dotenv, "/KEY", `with "quotes"`},
	} {
		t.Run(string(c.format)+c.pointer, func(t *testing.T) {
			parsed, err := Parse(c.format, []byte(documents[c.format]))
			require.NoError(t, err)
			value, err := parsed.Value(pointer(t, c.pointer))
			require.NoError(t, err)
			assert.Equal(t, c.value, value)
		})
	}
	for _, c := range []struct {
		document, pointer string
		err               error
	}{
		{`{"a": 1}`, "/a/b", errThrough},
		{`{"a": [1]}`, "/a/b", errIndex},
		{`{"a": [1]}`, "/a/-", errIndex},
		{`{"a": [1]}`, "/a", errComposite},
		{`{"a": {}}`, "", errComposite},
		{`{"a": 1e999}`, "/a", source.ErrRange},
		{`{"a": "` + long + `"}`, "/a", source.ErrTooLong},
	} {
		parsed, err := Parse(JSON, []byte(c.document))
		require.NoError(t, err)
		_, err = parsed.Value(pointer(t, c.pointer))
		assert.ErrorIs(t, err, c.err, c.document)
	}
	_, err := ParsePointer("users/total")
	assert.ErrorContains(t, err, "/usage/users/total")
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		format         Format
		text, pointer  string
		value, literal source.Value
	}{
		{"jsonc", "// made by hand\n{\"users\": 5, /* so far */ \"tags\": [1, 2,],}", "/users", int64(5), "5"},
		{"ini", "; top\nname = shop\n[app]\nversion: 5.10 ; now\nusers=57\nlonely\n", "/app/version", "5.10", "5.10"},
		{"ini", "name = shop\n[app]\nversion: 5.10\n", "/name", "shop", "shop"},
		{"properties", "# made\napp.version=5.10\nusers : 57\nlong = a \\\n  b\nname=caf\\u00e9", "/app.version", "5.10", "5.10"},
		{"properties", "name=caf\\u00e9", "/name", "café", "café"},
		{"properties", "name=caf\xe9", "/name", "café", "café"},
		{"properties", "a=${b}\nb=1", "/a", "${b}", "${b}"},
		{"plist", `<?xml version="1.0"?><plist version="1.0"><dict><key>users</key><integer>57</integer></dict></plist>`, "/users", int64(57), int64(57)},
		{Text, "5.10\n", "", "5.10", "5.10"},
		{YAML, "version: 5.10\nlist: [1.0, {a: 2.50}]\n", "/version", 5.1, "5.10"},
		{YAML, "version: 5.10\nlist: [1.0, {a: 2.50}]\n", "/list/1/a", 2.5, "2.50"},
		{YAML, "version: 0x10\n", "/version", int64(16), "0x10"},
		{YAML, "a: &v 5.10\nversion: *v\n", "/version", 5.1, "5.10"},
		{YAML, "a: &a {version: 5.10, b: 1.0}\nc: {<<: *a, b: 2.0}\n", "/c/version", 5.1, "5.10"},
		{YAML, "a: &a {v: 1.0}\nb: &b {v: 2.10, w: 3.10}\nc:\n  <<: [*a, *b]\n", "/c/v", 1.0, "1.0"},
		{YAML, "a: &a {v: 1.0}\nb: &b {v: 2.10, w: 3.10}\nc:\n  <<: [*a, *b]\n", "/c/w", 3.1, "3.10"},
		{YAML, "8080: open\nversion: 5.10\n", "/version", 5.1, "5.10"},
		{YAML, "version: 2026-01-02\n", "/version", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), "2026-01-02"},
		{YAML, "---\nversion: 5.10\n---\n", "/version", 5.1, "5.10"},
		{YAML, "version: 5.10\n...\n", "/version", 5.1, "5.10"},
		{YAML, "version: |\n  5.10\n", "/version", "5.10", "5.10"},
		{YAML, "open: 'yes'\n", "/open", "yes", "yes"},
		{Dotenv, "A=\"x\\ty\"\n", "/A", "x\ty", "x\ty"},
		{YAML, "open: !!str yes\n", "/open", "yes", "yes"},
		{"ini", "[DEFAULT]\nversion = 5.10\nusers = 1\n[a]\nusers = 57\n", "/DEFAULT/version", "5.10", "5.10"},
		{"ini", "[DEFAULT]\nversion = 5.10\nusers = 1\n[a]\nusers = 57\n", "/a/version", "5.10", "5.10"}, // as configparser inherits
		{"ini", "[DEFAULT]\nversion = 5.10\nusers = 1\n[a]\nusers = 57\n", "/a/users", "57", "57"},
		{"ini", "version = 5.10\n[a]\nusers = 57\n", "/a/version", nil, nil},
		{"ini", "[DEFAULT]\nmajor = 5\n[a]\nversion = %(major)s.10\n", "/a/version", "5.10", "5.10"},
		{TOML, "since = 2026-01-02T03:04:05+01:00\n", "/since", time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC), "2026-01-02T03:04:05+01:00"},
		{"ini", "[core]\n\tversion = 5.10\n\tpassword = hunter2\n", "/core/version", "5.10", "5.10"}, // as git indents
		{"ini", "[metadata]\nname = shop\nversion = 5.10\nclassifiers =\n    A :: B\n    C :: D\n", "/metadata/version", "5.10", "5.10"},
		{"ini", "[a]\r\nversion = 5.10\r\n\r\n  ; later\r\nb = 1\r\n", "/a/version", "5.10", "5.10"},
		{TOML, "version = 5.10\n[a]\nb = [1.0, 2.50]\n[[c]]\nd = 1\n[[c]]\nd = 2.70\ne = {f = 3.0}\n", "/version", 5.1, "5.10"},
		{TOML, "[a]\nb = [1.0, 2.50]\n", "/a/b/1", 2.5, "2.50"},
		{TOML, "[[c]]\nd = 1\n[[c]]\nd = 2.70\n", "/c/1/d", 2.7, "2.70"},
		{TOML, "e = {f = 3.0}\nx.y = 4.0\n", "/e/f", 3.0, "3.0"},
		{TOML, "x.y = 4.10\n", "/x/y", 4.1, "4.10"},
		{JSON, `{"version": 5.10}`, "/version", 5.1, "5.10"},
		{JSON, `{"open": true}`, "/open", true, "true"},
		{YAML, "open: TRUE\n", "/open", true, "TRUE"},
		{TOML, "open = false\n", "/open", false, "false"},
		{Dotenv, "KEY=\"-----BEGIN\nx\n-----END\"\nDEBUG\nit's\nVERSION=5.10\n", "/VERSION", "5.10", "5.10"},
	} {
		for _, mark := range []string{"", "\ufeff"} {
			parsed, err := Parse(c.format, []byte(mark+c.text))
			require.NoError(t, err, c.text)
			value, err := parsed.Value(pointer(t, c.pointer))
			require.NoError(t, err, c.text)
			assert.Equal(t, c.value, value, c.text)
			literal, err := parsed.Literal(pointer(t, c.pointer))
			require.NoError(t, err, c.text)
			assert.Equal(t, c.literal, literal, c.text)
		}
	}
	wide, err := Parse(JSON, []byte("\xff\xfe{\x00\"\x00a\x00\"\x00:\x007\x00}\x00"))
	require.NoError(t, err, "as Windows writes Unicode")
	value, err := wide.Value(pointer(t, "/a"))
	require.NoError(t, err)
	assert.Equal(t, int64(7), value)
}

// TestReadersDiffer is about values that are one thing to one reader and another to the next.
func TestReadersDiffer(t *testing.T) {
	for _, c := range []struct {
		format        Format
		text, pointer string
		reason        error
	}{
		{YAML, "a: &mode 0644\nmode: *mode\n", "/mode", errOctal},
		{YAML, "a: &a {mode: 0644}\nb: {<<: *a}\n", "/b/mode", errOctal},
		{YAML, "1: {mode: 0644}\n", "/1/mode", errOctal},
		{YAML, "open: yes\n", "/open", errSwitch},
		{YAML, "- Off\n", "/0", errSwitch},
		{YAML, "open: !!bool yes\n", "/open", errTag},
		{YAML, "users: !!int many\n", "/users", errTag},
		{"ini", "[a]\nversion = %(base)s.3\n", "/a/version", errReference},
		{"ini", "[a]\nplace = caf\xe9\n", "/a/place", errUTF8},
		{Dotenv, "PLACE=caf\xe9\n", "/PLACE", errUTF8},
		{YAML, "at: 12:30:45\n", "/at", errSixty},
		{YAML, "version: |\n  5.3\n  hunter2\n", "/version", errControl},
		{Text, "5.3\nhunter2\n", "", errControl},
		{Text, "5.3\x00hunter2", "", errControl},
		{Dotenv, "KEY=\"BEGIN\nhunter2\"\n", "/KEY", errControl},
		{JSON, `{"version": "5.3\u001b[31m"}`, "/version", errControl},
		{"ini", "[a]\nusers = 1\nusers = 2\n", "/a/users", errTwice},
		{"ini", "users = 1\n[a]\n[DEFAULT]\nusers = 2\n", "/users", errTwice},
		{"ini", "[a]\nversion = 5.10\n  password = hunter2\n", "/a/version", errLines},
		{"ini", "[a]\nversion = 5.10\n  password = hunter2\n", "/a/password", errLines},
		{"ini", "[a]\nfolder = C:\\app\\\npassword = hunter2\n", "/a/folder", errLines},
		{"ini", "[a]\nversion = \"\"\"5\n10\"\"\"\n", "/a/version", errLines},
	} {
		parsed, err := Parse(c.format, []byte(c.text))
		require.NoError(t, err, c.text)
		_, err = parsed.Value(pointer(t, c.pointer))
		require.ErrorIs(t, err, c.reason, c.text)
	}
}

// TestLiteralOfWhatReadersDifferIn: what is written is no matter of dispute.
func TestLiteralOfWhatReadersDifferIn(t *testing.T) {
	for text, literal := range map[string]string{"v: yes\n": "yes", "v: 12:30\n": "12:30", "v: 0644\n": "0644"} {
		parsed, err := Parse(YAML, []byte(text))
		require.NoError(t, err, text)
		value, err := parsed.Literal(pointer(t, "/v"))
		require.NoError(t, err, text)
		assert.Equal(t, literal, value)
	}
}

// TestOneForeignLine is about lines that disable nothing but what they may hold.
func TestOneForeignLine(t *testing.T) {
	for _, text := range []string{
		"[a]\nkey = `hunter\nusers = 57\n",
		"[a]\nkey = `hunter\nusers = 57\nother = `hunter\n",
		"[a]\nkey = \"\"\"hunter\nusers = 57\n",
		"[a]\nkey = \"hunter\nother = 'hunter\nusers = 57\n",
		"[a]\n\"key = 1\nusers = 57\n`other = 1\n",
	} {
		parsed, err := Parse("ini", []byte(text))
		require.NoError(t, err, text)
		value, err := parsed.Value(pointer(t, "/a/users"))
		require.NoError(t, err, text)
		assert.Equal(t, "57", value, text)
		key, err := parsed.Value(pointer(t, "/a/key"))
		if err != nil {
			require.ErrorIs(t, err, errLines, text)
			continue
		}
		if key != nil {
			assert.NotContains(t, key, "users", text)
		}
	}
}

// TestOneForeignTag is about tags that disable nothing but their own value.
func TestOneForeignTag(t *testing.T) {
	for _, value := range []string{"!!bool yes", "!!int many", "!!binary hunter2", "!secret hunter2", "!!python/object:x {}"} {
		parsed, err := Parse(YAML, []byte("v: "+value+"\nusers: 57\n"))
		require.NoError(t, err, value)
		users, err := parsed.Value(pointer(t, "/users"))
		require.NoError(t, err, value)
		assert.Equal(t, int64(57), users, value)
	}
}

// TestDamageIsNamed: an error names the line, and nothing that stands there.
func TestDamageIsNamed(t *testing.T) {
	for text, format := range map[string]Format{
		"{\"a\": 1,\n\"b\": hunter2}":                 JSON,
		"[NaN, NaN, NaN, NaN, NaN,\nhunter2,\n\n\n1]": JSON,
		"{\"a\": 1, // x\n\"b\": hunter2}":            "jsonc",
		"a: 1\n  b: hunter2\n":                        YAML,
		"a = 1\nb = hunter2\n":                        TOML,
		"[a]\n[hunter2\nusers = 1\n":                  "ini",
		"a = 1\nb = hunter2\\u00\n":                   "properties",
		"<plist>\n<hunter2":                           "plist",
	} {
		_, err := Parse(format, []byte(text))
		require.ErrorContains(t, err, "line 2", text)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func TestCount(t *testing.T) {
	for at, count := range map[string]source.Value{"/shops": int64(4), "/tags": int64(0), "/users": int64(5), "/missing": nil, "/none": nil} {
		parsed, err := Parse(JSON, []byte(documents[JSON]))
		require.NoError(t, err)
		got, err := parsed.Count(pointer(t, at))
		require.NoError(t, err)
		assert.Equal(t, count, got, at)
	}
	parsed, err := Parse(JSON, []byte(documents[JSON]))
	require.NoError(t, err)
	_, err = parsed.Count(pointer(t, "/version"))
	require.ErrorIs(t, err, errNoMembers)
}

func TestSum(t *testing.T) {
	for _, c := range []struct {
		document, at, each string
		sum                source.Value
	}{
		{documents[JSON], "/shops", "/orders", int64(7)},
		{documents[JSON], "/counts", "", 3.5},
		{documents[JSON], "/tags", "", int64(0)},
		{documents[JSON], "/missing", "", nil},
		{documents[JSON], "/none", "/orders", nil},
		{`{"by": {"de": 1, "fr": 2}}`, "/by", "", int64(3)},
		{`[[1, 2], [3]]`, "", "/0", int64(4)},
	} {
		parsed, err := Parse(JSON, []byte(c.document))
		require.NoError(t, err)
		sum, err := parsed.Sum(pointer(t, c.at), pointer(t, c.each))
		require.NoError(t, err)
		assert.Equal(t, c.sum, sum, "%s %s", c.at, c.each)
	}
	for _, c := range []struct{ document, at, each, says string }{
		{`{"a": 1}`, "/a", "", "nothing to sum over"},
		{`["x"]`, "", "", "no number"},
		{`[1]`, "", "/a", "no members"},
		{`[9223372036854775807, 1]`, "", "", "beyond 64 bits"},
		{`[-9223372036854775808, -1]`, "", "", "beyond 64 bits"},
		{`[1.7e308, 1.7e308]`, "", "", "beyond 64 bits"},
	} {
		parsed, err := Parse(JSON, []byte(c.document))
		require.NoError(t, err)
		_, err = parsed.Sum(pointer(t, c.at), pointer(t, c.each))
		assert.ErrorContains(t, err, c.says, c.document)
	}
}

// TestDamaged is about what cannot be read, of which no error repeats a byte.
func TestDamaged(t *testing.T) {
	const secret = "hunter2"
	for name, c := range map[string]struct {
		format   Format
		document string
	}{
		"no JSON":           {JSON, `{"password": hunter2}`},
		"two documents":     {JSON, `{"a": 1} hunter2`},
		"nothing":           {JSON, ``},
		"half a document":   {JSON, `{"password": "hunter2`},
		"deep JSON":         {JSON, strings.Repeat("[", 1<<20)},
		"deep, but whole":   {JSON, strings.Repeat("[", 200) + strings.Repeat("]", 200)},
		"no YAML":           {YAML, "hunter2: [\n"},
		"deep YAML":         {YAML, strings.Repeat("[", 1<<20)},
		"two YAML":          {YAML, "a: 1\n---\na: hunter2\n"},
		"YAML and more":     {YAML, "a: 1\n---\n\"hunter2\n"},
		"a YAML of itself":  {YAML, "&a [*a]"},
		"a YAML that grows": {YAML, laughs()},
		"no TOML":           {TOML, "hunter2 = ["},
		"deep TOML":         {TOML, "a = " + strings.Repeat("[", 1<<20)},
		"deep keys in TOML": {TOML, strings.Repeat("a.", 200) + "b = 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.format, []byte(c.document))
			require.Error(t, err)
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

// laughs is YAML in which each line is nine times the one before.
func laughs() string {
	var text strings.Builder
	text.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&text, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	return text.String()
}

// TestSumIsTheSum compares with a plain loop.
func TestSumIsTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOf(rapid.Int64Range(math.MinInt32, math.MaxInt32)).Draw(t, "numbers")
		var text strings.Builder
		var total int64
		for i, n := range numbers {
			if i > 0 {
				text.WriteString(",")
			}
			fmt.Fprintf(&text, `{"n": %d}`, n)
			total += n
		}
		parsed, err := Parse(JSON, []byte("["+text.String()+"]"))
		require.NoError(t, err)
		sum, err := parsed.Sum(Pointer{}, pointer(t, "/n"))
		require.NoError(t, err)
		require.Equal(t, total, sum)
	})
}

func FuzzParse(f *testing.F) {
	for i, format := range Formats {
		f.Add(i, documents[format], "/users/total")
		f.Add(i, "? !!binary aGk=\n: 1\n!!int 1: [&a 0644, *a]\nb: {<<: [], c: *a}\n[x]\n  y = 1\\\n", "/b/c")
	}
	f.Fuzz(func(t *testing.T, format int, text, at string) {
		p, err := ParsePointer(at)
		if err != nil {
			return
		}
		parsed, err := Parse(Formats[uint(format)%uint(len(Formats))], []byte(text))
		if err != nil {
			return
		}
		value, err := parsed.Value(p)
		if err == nil {
			requireValue(t, value)
		}
		if sum, err := parsed.Sum(p, Pointer{}); err == nil {
			requireValue(t, sum)
		}
	})
}

func requireValue(t *testing.T, value source.Value) {
	switch v := value.(type) {
	case nil, bool, int64, time.Time:
	case float64:
		require.False(t, math.IsNaN(v) || math.IsInf(v, 0))
	case string:
		require.NotEmpty(t, v)
		require.LessOrEqual(t, len(v), source.MaxText)
	default:
		t.Fatalf("%T may not leave", v)
	}
}
