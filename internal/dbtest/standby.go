// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// Standby makes a hot standby of a PostgreSQL server, which holds back nothing that the primary did for
// anybody's reading. It stands still for the moment in which its data is copied.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	debian.NeedsProgram(t, "cp", "coreutils")
	folder, err := os.MkdirTemp("", "headcount-standby-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755)) //nolint:gosec // for the user that it runs as
	if os.Getuid() == 0 {
		require.NoError(t, os.Chown(folder, nobody, nobody))
	}
	s.Kill()
	output, err := unprivileged(exec.Command("cp", "-r", filepath.Join(s.Folder, "data"), folder)).CombinedOutput()
	require.NoError(t, err, string(output))
	_ = os.Remove(filepath.Join(folder, "data", "postmaster.pid"))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "data", "standby.signal"), nil, 0o644)) //nolint:gosec // as above
	s.Start(t)
	kind := s.Kind
	plain := kind.serve
	kind.serve = func(standby *Server) []string {
		return append(plain(standby), "-c", fmt.Sprintf("primary_conninfo=host=%s port=%d user=%s", s.Folder, s.Port, Owner),
			"-c", "max_standby_streaming_delay=0", "-c", "hot_standby_feedback=off")
	}
	standby := &Server{Kind: kind, Folder: folder, Port: porttest.Port(t)}
	standby.Start(t)
	t.Cleanup(func() {
		standby.Kill()
		_ = os.RemoveAll(folder)
	})
	return standby
}

// Follows waits until the standby has done what the primary did up to now.
func (s *Server) Follows(t testing.TB, primary *sql.DB) {
	t.Helper()
	db := s.connect(t, "")
	defer func() { _ = db.Close() }()
	var position string
	require.NoError(t, primary.QueryRow("SELECT pg_current_wal_flush_lsn()").Scan(&position))
	require.Eventually(t, func() bool {
		var there bool
		err := db.QueryRow("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", position).Scan(&there)
		return err == nil && there
	}, time.Minute, 5*time.Millisecond)
}
