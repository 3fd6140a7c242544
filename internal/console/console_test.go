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
		{Name: "explorer.query_log.count", Read: "1234", Rule: "round to 100", Claim: "Hides the number within its cell.", Leaves: "1200", Passes: true},
		{Name: "explorer.query.count", Read: "57", Rule: "round to 10", Claim: "Hides the number within its cell.", Leaves: "60", Passes: true},
		{Name: "explorer.users", Read: "57", Rule: "noise", Claim: "ε = 0.5, for ever.", Leaves: "59", Passes: true},
		{Name: "service.version", Read: "5.3", Rule: "keep", Leaves: "5.3", Passes: true, Exact: true},
		{Name: "app.debug", Rule: "keep", Passes: true, Exact: true},
		{Name: "host.name", Read: "db1.example", Rule: "no rule names it", Claim: "Nothing of it leaves."},
		{Name: "an.escape\x1b[31m", Read: "first line\nsecond line " + string(bytes.Repeat([]byte("long "), 20)), Rule: "no rule names it"},
	})
	body := []byte(`{"name":"USAGE"}`)
	c.Delivered(trust.Delivery{Host: "collect.example.com", Body: body, Status: 200})
	c.Delivered(trust.Delivery{Host: "collect.example.com", Body: body})
	c.Delivered(trust.Delivery{Host: "collect.example.com", Body: body, DryRun: true})
	c.Received(body)

	golden(t, "demo.txt", out.Bytes())
}

func TestAPreviewBeginsWithWhatItDoesNot(t *testing.T) {
	var out bytes.Buffer
	c := New(&out)
	c.Started(trust.On, "the configuration key mode", "")
	c.Promises(trust.Destination{Host: "collect.example.com", DryRun: true})
	c.Introduce()
	assert.Regexp(t, `^Nothing is sent to collect\.example\.com: `, out.String())
}

func TestTheRelayIsSaidBeforeWhatIsRead(t *testing.T) {
	var out bytes.Buffer
	c := New(&out)
	c.Started(trust.On, "the configuration key mode", "")
	c.Promises(trust.Destination{Host: "collect.example.com", Relay: "relay.example.net"})
	c.Anonymized(nil) // a reading may come before all is ready
	c.Introduce()
	shown := out.String()
	said := "Reports go through relay.example.net to collect.example.com: collect.example.com does not see your address, relay.example.net does not see the report."
	assert.Contains(t, shown, said)
	assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte(said)))
	assert.Less(t, bytes.Index(out.Bytes(), []byte(said)), bytes.Index(out.Bytes(), []byte("What was read here")))
}
