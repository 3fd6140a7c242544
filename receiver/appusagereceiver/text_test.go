// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

func TestEnvironment(t *testing.T) {
	for _, test := range []struct {
		text    string
		reading Reading
		want    source.Value
		err     string
	}{
		{"5.3", Reading{}, "5.3", ""},
		{"", Reading{}, nil, ""},
		{"", Reading{Default: "x"}, "x", ""},
		{strings.Repeat("x", 257), Reading{}, nil, "it is longer than 256 bytes"},
		{"True", Reading{Type: "bool"}, true, ""},
		{" YES ", Reading{Type: "bool"}, true, ""},
		{"1", Reading{Type: "bool"}, true, ""},
		{"oN", Reading{Type: "bool"}, true, ""},
		{"t", Reading{Type: "bool"}, true, ""},
		{"Y", Reading{Type: "bool"}, true, ""},
		{"False", Reading{Type: "bool", Default: true}, false, ""},
		{"0", Reading{Type: "bool"}, false, ""},
		{"no", Reading{Type: "bool"}, false, ""},
		{"OFF", Reading{Type: "bool"}, false, ""},
		{"f", Reading{Type: "bool"}, false, ""},
		{"n", Reading{Type: "bool"}, false, ""},
		{"", Reading{Type: "bool", Default: "False"}, false, ""},
		{"", Reading{Type: "bool", Default: true}, true, ""},
		{"s3cret", Reading{Type: "bool"}, nil, "it is no boolean: write True or False"},
		{"-7", Reading{Type: "int"}, int64(-7), ""},
		{"", Reading{Type: "int", Default: 0}, int64(0), ""},
		{"s3cret", Reading{Type: "int"}, nil, "it is no integer: write digits"},
		{"9223372036854775808", Reading{Type: "int"}, nil, "it is no integer: write digits"},
		{"0.5", Reading{Type: "float"}, 0.5, ""},
		{"NaN", Reading{Type: "float"}, nil, "it is no finite number: write one such as 0.5"},
		{"s3cret", Reading{Present: true}, true, ""},
		{"", Reading{Present: true}, false, ""},
	} {
		t.Setenv("READING", test.text)
		test.reading.Env = "READING"
		got, err := test.reading.environment(false)
		if test.err != "" {
			assert.EqualError(t, err, test.err)
			continue
		}
		assert.NoError(t, err, test.text)
		assert.Equal(t, test.want, got, test.text)
	}
}
