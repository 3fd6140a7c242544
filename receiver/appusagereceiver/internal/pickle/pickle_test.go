// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pickle

import (
	"encoding/hex"
	"math"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// pythons prints one pickle a line, in hexadecimal, of each value in each protocol.
const pythons = `
import pickle
for value in [None, True, False, 0, 1, 255, 256, 65535, 65536, -1, 2**31-1, 2**31, -2**31-1,
              2**63-1, -2**63, 0.0, 1.5, -2.25, 1e300, "", "plain", "5.3", "x"*300]:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        print(pickle.dumps(value, protocol).hex())
for text in ["größer", "日本", "a\\b", "line\nbreak"]:
    for protocol in range(1, pickle.HIGHEST_PROTOCOL + 1):
        print(pickle.dumps(text, protocol).hex())
`

// TestWhatPythonWrites is about each scalar in each protocol.
func TestWhatPythonWrites(t *testing.T) {
	pickles := python(t, pythons)
	values := []any{
		nil, true, false, int64(0), int64(1), int64(255), int64(256), int64(65535), int64(65536), int64(-1),
		int64(math.MaxInt32), int64(1 << 31), int64(-1<<31 - 1), int64(math.MaxInt64), int64(math.MinInt64),
		0.0, 1.5, -2.25, 1e300, "", "plain", "5.3", strings.Repeat("x", 300),
	}
	const protocols = 6
	for i, value := range values {
		for protocol := range protocols {
			decoded, err := Scalar(pickles[i*protocols+protocol])
			require.NoError(t, err, "%v in protocol %d: %x", value, protocol, pickles[i*protocols+protocol])
			assert.Equal(t, value, decoded, "protocol %d", protocol)
		}
	}
	rest := pickles[len(values)*protocols:]
	for i, text := range []string{"größer", "日本", `a\b`, "line\nbreak"} {
		for protocol := range protocols - 1 {
			decoded, err := Scalar(rest[i*(protocols-1)+protocol])
			require.NoError(t, err)
			assert.Equal(t, text, decoded)
		}
	}
}

const hostile = `
import pickle, os, collections, datetime, decimal
class Call:
    def __reduce__(self): return (os.system, ("touch /tmp/never",))
loop = []; loop.append(loop)
nested = []
for _ in range(100): nested = [nested]
for value in [Call(), loop, nested, [], {}, (), (1,), set(), b"bytes", bytearray(b"x"), 1+2j, len,
              collections.OrderedDict(), datetime.datetime(2026, 1, 1), decimal.Decimal("1.5"), {"a": 1}]:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        print(pickle.dumps(value, protocol).hex())
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    print(pickle.dumps("größer", 0).hex())
`

// TestRefusesEverythingElse is about what Python can pickle and we do not decode.
func TestRefusesEverythingElse(t *testing.T) {
	for _, pickled := range python(t, hostile) {
		_, err := Scalar(pickled)
		assert.ErrorIs(t, err, ErrRefused, "%x", pickled[:min(len(pickled), 40)])
	}
}

// TestMadeByHand is about pickles that no pickler writes.
func TestMadeByHand(t *testing.T) {
	for name, c := range map[string]struct {
		pickled string
		err     error
	}{
		"nothing":                      {"", ErrDamaged},
		"no STOP":                      {"\x80\x05K\x01", ErrDamaged},
		"STOP alone":                   {".", ErrRefused},
		"two values":                   {"K\x01K\x02.", ErrRefused},
		"after STOP":                   {"K\x01.K", ErrRefused},
		"a call":                       {"cos\nsystem\n(S'id'\ntR.", ErrRefused},
		"a call, new style":            {"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.", ErrRefused},
		"an extension":                 {"\x82\x01.", ErrRefused},
		"a persistent id":              {"P1\n.", ErrRefused},
		"from the memo":                {"h\x00.", ErrRefused},
		"opcode 255":                   {"\xff.", ErrRefused},
		"protocol 6":                   {"\x80\x06N.", ErrDamaged},
		"a frame of 2^62 bytes":        {"\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x40N.", ErrDamaged},
		"a frame in a frame":           {"\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", ErrRefused},
		"a text of 2^62 bytes":         {"\x8d\x00\x00\x00\x00\x00\x00\x00\x40abc.", ErrDamaged},
		"a text of 4 GiB":              {"X\xff\xff\xff\xffabc.", ErrDamaged},
		"an integer of 200 bytes":      {"\x8a\xc8" + strings.Repeat("\x01", 200) + ".", ErrRange},
		"an integer of no bytes":       {"\x8a\x00.", ErrDamaged},
		"an integer of 2 GiB":          {"\x8b\xff\xff\xff\x7f.", ErrRefused},
		"2^64":                         {"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", ErrRange},
		"-2^64":                        {"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\xff.", ErrRange},
		"an integer of many digits":    {"L" + strings.Repeat("9", 2000) + "L\n.", ErrRange},
		"an integer that is none":      {"Iabc\n.", ErrDamaged},
		"NaN":                          {"G\x7f\xf8\x00\x00\x00\x00\x00\x00.", ErrRange},
		"infinite":                     {"Finf\n.", ErrRange},
		"half a surrogate":             {"\x8c\x03\xed\xa0\x80.", ErrDamaged},
		"longer than a scalar":         {"X\x00\x20\x00\x00" + strings.Repeat("x", 8192) + ".", ErrRefused},
		"a memo entry that is no text": {"Npabc\n.", ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			value, err := Scalar([]byte(c.pickled))
			assert.ErrorIs(t, err, c.err)
			assert.Nil(t, value)
		})
	}
}

// FuzzScalar is about anything at all: a scalar or an error, and no memory beyond the pickle's own size.
func FuzzScalar(f *testing.F) {
	for _, seed := range []string{"N.", "\x80\x05\x88.", "\x80\x05\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03abc\x94.", "I01\n.", "L12L\n.", "F1.5\n.", "cos\nsystem\n.", "\x8a\x02\x00\x01.", "\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi."} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := Scalar(data)
		if err != nil {
			require.Nil(t, value)
			return
		}
		switch v := value.(type) {
		case nil, bool, int64, float64:
		case string:
			require.LessOrEqual(t, len(v), len(data))
		default:
			t.Fatalf("%T is no scalar", v)
		}
	})
}

// python runs a script that prints lines of hexadecimal, and returns their bytes.
func python(t *testing.T, script string) [][]byte {
	t.Helper()
	debian.NeedsProgram(t, "python3", "python3")
	printed, err := exec.Command("python3", "-c", script).Output()
	require.NoError(t, err)
	var pickles [][]byte
	for line := range strings.Lines(string(printed)) {
		pickled, err := hex.DecodeString(strings.TrimSpace(line))
		require.NoError(t, err)
		pickles = append(pickles, pickled)
	}
	return pickles
}
