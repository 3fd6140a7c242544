// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// startCaddy starts a real Caddy with the configuration of docs/oblivious.md, before gateway. stop ends it, and returns
// what it logged.
func startCaddy(t *testing.T, gateway string) (url string, stop func() string) {
	t.Helper()
	debian.NeedsProgram(t, "caddy", "caddy")
	documented, address := documentedRelay(t, "caddyfile"), porttest.Address(t)
	config := "{\n\tadmin off" + strings.TrimPrefix(documented, "{")
	config = strings.NewReplacer("relay.example.com {", "http://"+address+" {", "https://collect.example.com {", "http://"+gateway+" {").Replace(config)
	require.Contains(t, config, address)
	require.Contains(t, config, gateway)

	folder, err := os.MkdirTemp("", "headcount-caddy-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Caddyfile"), []byte(config), 0o600))
	caddy := exec.Command("caddy", "run", "--config", filepath.Join(folder, "Caddyfile"))
	caddy.Env = append(os.Environ(), "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder)
	var log bytes.Buffer
	caddy.Stdout, caddy.Stderr = &log, &log
	require.NoError(t, caddy.Start())
	stop = sync.OnceValue(func() string {
		_ = caddy.Process.Signal(syscall.SIGTERM)
		_ = caddy.Wait()
		return log.String()
	})
	t.Cleanup(func() { stop() })
	awaitListener(t, address)
	return "http://" + address + "/example-makers", stop
}

// TestCaddyPassesOnTheMessageAlone, as nginx does.
func TestCaddyPassesOnTheMessageAlone(t *testing.T) {
	var stop func() string
	passesOnTheMessageAlone(t, http.StatusNotFound, func(t *testing.T, gateway string) (url string) {
		t.Helper()
		url, stop = startCaddy(t, gateway)
		return url
	})
	assert.NotContains(t, stop(), "remote_ip")
}

// TestCaddyLogsNoSender, where the makers do not answer either.
func TestCaddyLogsNoSender(t *testing.T) {
	r := newRig(t)
	var stop func() string
	r.client.Relay, stop = startCaddy(t, porttest.Address(t))
	_, err := r.post(t, "{}")
	require.Error(t, err)
	assert.NotContains(t, stop(), "remote_ip")
}
