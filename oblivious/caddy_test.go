// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// startCaddy starts a real Caddy with the configuration of docs/oblivious.md, before gateway. stop ends it, and returns
// what it logged.
func startCaddy(t *testing.T, gateway string) (url string, stop func() string) {
	t.Helper()
	debian.NeedsProgram(t, "caddy", "caddy")
	page, err := os.ReadFile("../docs/oblivious.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?ms)^```caddyfile\n(.*?)^```$").FindSubmatch(page)
	require.NotNil(t, block)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	config := "{\n\tadmin off" + strings.TrimPrefix(string(block[1]), "{")
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
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	r := newRig(t)
	var stop func() string
	r.client.Relay, stop = startCaddy(t, listener.Addr().String())
	_, err = r.post(t, "{}")
	require.Error(t, err)
	assert.NotContains(t, stop(), "remote_ip")
}
