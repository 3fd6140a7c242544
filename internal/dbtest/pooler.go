// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// Pooler puts PgBouncer in front of the server, in one of its modes (session or transaction) and with more
// lines of settings, until the test ends. It gives the URL of a database through it.
func (s *Server) Pooler(t testing.TB, mode string, more ...string) func(user, password, database string) string {
	t.Helper()
	debian.NeedsProgram(t, "pgbouncer", "pgbouncer")
	folder, err := os.MkdirTemp("", "headcount-pgbouncer-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	require.NoError(t, os.Chmod(folder, 0o755)) //nolint:gosec // for the user that it runs as
	port := porttest.Port(t)
	users := fmt.Sprintf("\"%s\" \"%s\"\n\"%s\" \"%s\"\n", Owner, Password, Reader, Password)
	settings := fmt.Sprintf("[databases]\n* = host=127.0.0.1 port=%d\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\n"+
		"auth_type = scram-sha-256\nauth_file = %s\npool_mode = %s\n%s\n",
		s.Port, port, filepath.Join(folder, "users"), mode, strings.Join(more, "\n"))
	for name, content := range map[string]string{"users": users, "ini": settings} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644)) //nolint:gosec // as above
	}
	pooler := unprivileged(exec.Command("pgbouncer", "-q", filepath.Join(folder, "ini")))
	require.NoError(t, pooler.Start())
	t.Cleanup(func() {
		_ = pooler.Process.Kill()
		_ = pooler.Wait()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 20*time.Millisecond)
	return func(user, password, database string) string {
		return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s", user, url.QueryEscape(password), port, database)
	}
}
