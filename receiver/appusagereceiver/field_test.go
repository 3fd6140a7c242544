// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// TestFieldAsType is about what programs write for a value of a type.
func TestFieldAsType(t *testing.T) {
	for _, c := range []struct {
		format         document.Format
		text, typeName string
		value          source.Value
		err            string
	}{
		{document.JSON, `{"v": 57.0}`, "", 57.0, ""},
		{document.JSON, `{"v": 57.0}`, typeInt, int64(57), ""},
		{document.JSON, `{"v": 5.7e1}`, typeInt, int64(57), ""},
		{document.JSON, `{"v": "57"}`, typeInt, int64(57), ""},
		{document.JSON, `{"v": 57.5}`, typeInt, nil, "it is no integer: write `type: float`"},
		{document.JSON, `{"v": 9007199254740994.0}`, typeInt, nil, "it is no integer: write `type: float`"},
		{document.JSON, `{"v": 1}`, typeBool, true, ""},
		{document.JSON, `{"v": 2}`, typeBool, nil, "it is no boolean: write True or False"},
		{document.JSON, `{"v": false}`, typeBool, false, ""},
		{document.YAML, "v: yes\n", typeBool, true, ""},
		{document.YAML, "v: Off\n", typeBool, false, ""},
		{document.YAML, "v: 5.10\n", typeString, "5.10", ""},
		{document.YAML, "v: on\n", typeString, "on", ""},
		{document.YAML, "v: true\n", typeString, "true", ""},
		{document.JSON, `{"v": true}`, typeString, "true", ""},
		{document.YAML, "v: null\n", typeBool, nil, ""},
	} {
		parsed, err := document.Parse(c.format, []byte(c.text))
		require.NoError(t, err, c.text)
		value, err := (&Field{Pointer: "/v"}).read(parsed, c.typeName)
		assert.Equal(t, c.value, value, "%s as %s", c.text, c.typeName)
		if c.err == "" {
			require.NoError(t, err, c.text)
		} else {
			require.EqualError(t, err, c.err, c.text)
		}
	}
}
