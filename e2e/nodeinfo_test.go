// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// node is a server software's NodeInfo, as a file under testdata/nodeinfo describes it.
type node struct {
	Index    json.RawMessage            `json:"index"`
	Path     string                     `json:"path"`
	Document json.RawMessage            `json:"document"`
	Stat     map[string]json.RawMessage `json:"stat"`
}

func nodes(t *testing.T) map[string]node {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "testdata", "nodeinfo", "*.json"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 8)
	found := map[string]node{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var n node
		require.NoError(t, json.Unmarshal(text, &n), file)
		found[strings.TrimSuffix(filepath.Base(file), ".json")] = n
	}
	return found
}

// serve serves the node's two documents and nothing else.
func (n node) serve(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/nodeinfo":
			_, _ = io.WriteString(w, strings.ReplaceAll(string(n.Index), "{server}", "http://"+r.Host))
		case n.Path:
			_, _ = w.Write(n.Document)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// nodeinfo runs the profile over a URL.
func nodeinfo(t *testing.T, at string, makers *endpoint) *distribution {
	t.Helper()
	return start(t, environment{"NODEINFO_URL": at, "COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0"},
		"--config", "app:nodeinfo", "--set", "receivers::appusage::initial_delay=0s")
}

func TestNodeInfoOfEachSoftware(t *testing.T) {
	for name, n := range nodes(t) {
		t.Run(name, func(t *testing.T) {
			makers := newEndpoint(t)
			d := nodeinfo(t, n.serve(t)+"/.well-known/nodeinfo", makers)
			makers.awaits(t, 1)
			d.stop(t)
			got := makers.reports(t)["NODEINFO"].Value
			require.Equal(t, len(n.Stat), len(got))
			for key, value := range n.Stat {
				assert.Equal(t, string(value), string(got[key]), key)
			}
		})
	}
}

// TestNodeInfoAtItsOwnURL is about a node whose document is named without the way to it.
func TestNodeInfoAtItsOwnURL(t *testing.T) {
	t.Parallel()
	n := nodes(t)["mastodon"]
	makers := newEndpoint(t)
	d := nodeinfo(t, n.serve(t)+n.Path, makers)
	makers.awaits(t, 1)
	d.stop(t)
	assert.Equal(t, string(n.Stat["users"]), string(makers.reports(t)["NODEINFO"].Value["users"]))
}

// TestBrokenNodeInfo is about documents of no use: nothing is sent, and the log says why without a word of the document.
func TestBrokenNodeInfo(t *testing.T) {
	t.Parallel()
	index := `{"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "{server}/nodeinfo"}]}`
	for name, c := range map[string]struct{ index, document, says string }{
		"no JSON":                {index, `<html>hunter2`, "it is no JSON"},
		"an index of no use":     {`{"links": [{"rel": "hunter2", "href": "/nodeinfo"}]}`, `{}`, "links to none of `links`"},
		"a link to another host": {strings.Replace(index, "{server}", "https://hunter2.example", 1), `{}`, "links to another host"},
		"nothing behind it":      {strings.Replace(index, "/nodeinfo\"", "/hunter2\"", 1), `{}`, "nothing at this URL"},
		"a count that is a text": {index, `{"usage": {"users": {"total": "hunter2"}}}`, "it is no integer"},
		"users that are a text":  {index, `{"usage": {"users": "hunter2"}}`, "goes through a value that has no members"},
		"a name without end":     {index, `{"software": {"name": "` + strings.Repeat("hunter2", 1000) + `"}}`, "longer than 256 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			makers := newEndpoint(t)
			at := node{Index: json.RawMessage(c.index), Path: "/nodeinfo", Document: json.RawMessage(c.document)}.serve(t)
			d := nodeinfo(t, at+"/.well-known/nodeinfo?token=hunter2", makers)
			d.says(t, c.says)
			d.stop(t)
			assert.NotContains(t, d.stderr.String(), "hunter2")
			for _, p := range makers.received() {
				assert.NotContains(t, p.body, "hunter2")
			}
		})
	}
}
