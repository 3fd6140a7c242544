// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package cachetest starts throwaway Redis and memcached servers for tests, on unix sockets
// in a temporary folder. They stop with the test, or with its process.
package cachetest // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// Redis starts Debian's Redis with further arguments, and returns the path of its socket.
func Redis(t testing.TB, args ...string) string {
	t.Helper()
	return Server(t, installed(t, "redis-server"), args...)
}

// Server starts the program of this path, which takes Redis's arguments, and returns the path of its socket.
func Server(t testing.TB, path string, args ...string) string {
	t.Helper()
	folder := folder(t)
	socket := filepath.Join(folder, "redis")
	start(t, path, socket, append([]string{
		"--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--daemonize", "no",
	}, args...)...)
	return socket
}

// Sentinel starts Debian's Redis as a Sentinel that watches nothing, and returns the path of its socket.
func Sentinel(t testing.TB) string {
	t.Helper()
	program := installed(t, "redis-server") // before anything is made: it may skip
	folder := folder(t)
	socket, settings := filepath.Join(folder, "sentinel"), filepath.Join(folder, "sentinel.conf")
	require.NoError(t, os.WriteFile(settings, []byte("port 0\nunixsocket "+socket+"\ndir "+folder+"\n"), 0o600))
	start(t, program, socket, settings, "--sentinel")
	return socket
}

// Memcached starts Debian's memcached with further arguments, and returns the path of its socket.
func Memcached(t testing.TB, args ...string) string {
	t.Helper()
	program := installed(t, "memcached")
	socket := filepath.Join(folder(t), "memcached")
	start(t, program, socket, append([]string{"-s", socket, "-a", "0777", "-u", "nobody"}, args...)...)
	return socket
}

// folder is a temporary one whose path is short enough for a socket in it, and which anyone may write to.
func folder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "cache")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o777))
	return folder
}

func start(t testing.TB, path, socket string, args ...string) {
	t.Helper()
	// The shell ends the server when the pipe closes, and the kernel closes that with this process.
	const leash = `"$@" >"$OUTPUT" 2>&1 & server=$!; cat >/dev/null; kill -KILL $server; wait $server; rm -rf "$FOLDER"`
	server := exec.Command("sh", append([]string{"-c", leash, "sh", path}, args...)...)
	server.Env = append(os.Environ(), "FOLDER="+filepath.Dir(socket), "OUTPUT="+socket+".log")
	apart(server)
	pipe, err := server.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = pipe.Close()
		_ = server.Wait()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, time.Minute, 10*time.Millisecond, "%s does not start", path)
}

func installed(t testing.TB, program string) string {
	t.Helper()
	debian.Needs(t, func() bool { _, err := exec.LookPath(program); return err == nil }, program)
	path, err := exec.LookPath(program)
	require.NoError(t, err)
	return path
}
