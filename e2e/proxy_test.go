// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The proxy that the environment names is used, as every program's is; the collector looks up no name itself.
func TestProxyFromTheEnvironment(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.String() }))
	t.Cleanup(proxy.Close)
	d := start(t, environment{
		"HTTP_PROXY":                    proxy.URL,
		"DATABASE_URL":                  "sqlite:///" + filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"),
		"EXPLORER_COLLECT_ENDPOINT_URL": "http://collect.example.invalid/stat",
		"HEADCOUNT_STATE_DIR":           t.TempDir(),
		"HEADCOUNT_PAGE":                "127.0.0.1:0",
	}, append([]string{"--set", "exporters::collect::allow_insecure=true"}, sqlExplorer...)...)
	select {
	case url := <-asked:
		assert.Equal(t, "http://collect.example.invalid/stat", url)
	case <-time.After(patience):
		require.Fail(t, "nobody asked the proxy")
	}
	d.stop(t)
}
