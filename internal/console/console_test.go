// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/trust"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	c := New(&out)

	c.Anonymized([]trust.Field{
		{Name: "explorer.query_log.count", Read: "1234", Rule: "round to 100", Leaves: "1200", Passes: true},
		{Name: "service.version", Read: "5.3", Rule: "keep", Leaves: "5.3", Passes: true, Exact: true},
		{Name: "host.name", Read: "db1.example", Rule: "no rule names it"},
		{Name: "an.escape\x1b[31m", Read: "first line\nsecond line " + string(bytes.Repeat([]byte("long "), 20)), Rule: "no rule names it"},
	})
	body := []byte(`{"name":"USAGE"}`)
	c.Delivered(trust.Delivery{Host: "collect.example.com", Body: body, Status: 200})
	c.Delivered(trust.Delivery{Host: "collect.example.com", Body: body})
	c.Delivered(trust.Delivery{Host: "collect.example.com", Body: body, DryRun: true})
	c.Received(body)

	golden(t, "demo.txt", out.Bytes())
}
