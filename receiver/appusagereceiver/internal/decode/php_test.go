// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// TestUnserialize is about what serialize() of PHP 8.2 writes, and with it Laravel's cache.
func TestUnserialize(t *testing.T) {
	long := strings.Repeat("x", 300)
	for text, c := range map[string]struct {
		value source.Value
		err   error
	}{
		"N;":                    {nil, nil},
		"b:1;":                  {true, nil},
		"b:0;":                  {false, nil},
		"i:-1204;":              {int64(-1204), nil},
		"d:5.25;":               {5.25, nil},
		"d:1.0E+100;":           {1e100, nil},
		"d:NAN;":                {nil, source.ErrRange},
		"d:-INF;":               {nil, source.ErrRange},
		`s:3:"5.3";`:            {"5.3", nil},
		`s:8:"größer";`:         {"größer", nil},
		`s:3:"a"b";`:            {`a"b`, nil},
		`s:0:"";`:               {nil, nil},
		`s:300:"` + long + `";`: {nil, source.ErrTooLong},
		"s:2:\"\x04\b\";":       {nil, ErrControl},
		"a:1:{i:0;i:57;}":       {nil, errPHP},
		`O:1:"A":0:{}`:          {nil, errPHP},
		`E:3:"A:B";`:            {nil, errPHP},
	} {
		value, err := Format{Encoding: PHP}.Value([]byte(text))
		require.ErrorIs(t, err, c.err, text)
		assert.Equal(t, c.value, value, text)
		_, err = Format{}.Value([]byte(text))
		if !errors.Is(c.err, source.ErrTooLong) {
			require.ErrorIs(t, err, errSerialized, text)
		}
	}
	for _, text := range []string{"57", "b:2;", "i:5.3;", `s:4:"5.3";`, `s:3:5.3;`, `s:1:";`, "i:57", "s:1:\"\xff\";", `i:57;i:58;`} {
		value, err := Format{Encoding: PHP}.Value([]byte(text))
		require.ErrorIs(t, err, errPHP, text)
		assert.Nil(t, value, text)
	}
	for _, text := range []string{"5.3", "a:1", "b:blue;", "s:3", "note: 5;"} {
		value, err := Format{}.Value([]byte(text))
		require.NoError(t, err, text)
		assert.Equal(t, text, value)
	}
}
