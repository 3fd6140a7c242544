// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package dbtest starts throwaway PostgreSQL and MariaDB servers for tests: on free
// ports, as an unprivileged user, with their data in a temporary folder. They stop
// when the test's process ends, however it ends.
package dbtest // import "github.com/headcount-otel/headcount/internal/dbtest"

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// nobody is whom a server runs as where the tests are root, because servers refuse root.
const nobody = 65534

// Kind is a kind of database server.
type Kind struct {
	// Name of the kind.
	Name string
	// packages of Debian hold it, programs are those that must be found.
	packages []string
	programs []string
	// setup makes the data in a new folder; serve is the server's command line.
	setup func(s *Server) [][]string
	serve func(s *Server) []string
	url   func(s *Server, user, database string) string
}

// Server is one running server.
type Server struct {
	Kind
	// Port on 127.0.0.1, and the Socket's folder.
	Port   int
	Folder string

	process *os.Process
	// leash is a pipe whose closing has guard end the server: the kernel closes it with this process.
	leash *os.File
	guard *os.Process
}

var (
	shared = map[string]*Server{}
	starts sync.Mutex
)

// Shared is the one server of its kind that all tests of this process share. Where it
// cannot be had, the test is skipped, or fails with CI=true.
func (k Kind) Shared(t testing.TB) *Server {
	t.Helper()
	starts.Lock()
	defer starts.Unlock()
	if shared[k.Name] == nil {
		shared[k.Name] = k.start(t)
	}
	return shared[k.Name]
}

// Own is a server for one test, which may stop it and start it again.
func (k Kind) Own(t testing.TB) *Server {
	t.Helper()
	starts.Lock()
	defer starts.Unlock()
	s := k.start(t)
	t.Cleanup(func() {
		s.Kill()
		_ = os.RemoveAll(s.Folder)
	})
	return s
}

func (k Kind) start(t testing.TB) *Server {
	t.Helper()
	debian.Needs(t, k.found, k.packages...) // before anything is made: it may skip
	folder, err := os.MkdirTemp("", "headcount-"+k.Name+"-")
	require.NoError(t, err)
	s := &Server{Kind: k, Folder: folder, Port: porttest.Port(t)}
	require.NoError(t, os.Chmod(folder, 0o755))
	if os.Getuid() == 0 {
		require.NoError(t, os.Chown(folder, nobody, nobody))
	}
	for _, command := range k.setup(s) {
		cmd := unprivileged(exec.Command(command[0], command[1:]...))
		cmd.Dir, cmd.Env = folder, s.environment()
		output, err := cmd.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	s.Start(t)
	return s
}

// environment gives the server a folder of its own for temporary files: where MariaDB starts it removes every #sql file
// there, also those of another one that is being installed.
func (s *Server) environment() []string { return append(os.Environ(), "TMPDIR="+s.Folder) }

func (k Kind) found() bool {
	for _, program := range k.programs {
		if locate(program) == "" {
			return false
		}
	}
	return true
}

// Elsewhere is the environment variable that holds the folder of another version of a server, which
// then takes the place of Debian's: .ci/servers runs the readings' tests on many.
const Elsewhere = "HEADCOUNT_SERVER"

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

// locate finds a program on the path, or where Debian keeps a server's own programs.
func locate(program string) string {
	if other := os.Getenv(Elsewhere); other != "" {
		for _, folder := range []string{"bin", "scripts"} {
			if path := filepath.Join(other, folder, program); executable(path) {
				return path
			}
		}
	}
	if path, err := exec.LookPath(program); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(real) == program {
			return real
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/sbin/", "/usr/libexec/"} {
		if paths, _ := filepath.Glob(pattern + program); len(paths) > 0 {
			return paths[len(paths)-1]
		}
	}
	return ""
}

// Start runs the server, and returns when it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.launch(t)
	require.Eventually(t, func() bool {
		// What a killed server's children still hold keeps its successor from starting.
		if ended(s.process) {
			s.unleash()
			s.launch(t)
		}
		db := s.connect(t, "")
		defer func() { _ = db.Close() }()
		return db.Ping() == nil
	}, time.Minute, 50*time.Millisecond, "the server does not answer; its log is in %s", s.Folder)
}

func (s *Server) launch(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(s.Folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	command := s.serve(s)
	server := unprivileged(exec.Command(command[0], command[1:]...))
	server.Env = s.environment()
	server.Dir, server.Stdout, server.Stderr = s.Folder, log, log
	require.NoError(t, server.Start())
	s.process = server.Process

	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer func() { require.NoError(t, read.Close()) }()
	// The pipe closes under the guard when the process that holds it has ended.
	script := `cat >/dev/null; kill -QUIT "$1" 2>/dev/null && sleep 2 && rm -rf "$2"`
	guard := unprivileged(exec.Command("sh", "-c", script, "sh", strconv.Itoa(s.process.Pid), s.Folder))
	guard.Stdin = read
	require.NoError(t, guard.Start())
	s.leash, s.guard = write, guard.Process
}

// unleash ends the guard of a server that has ended: its number is soon another process's.
func (s *Server) unleash() {
	_ = s.guard.Kill()
	_, _ = s.guard.Wait()
	_ = s.leash.Close()
}

// Kill ends the server at once, as a power cut would, and keeps its data.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Kill()
	_, _ = s.process.Wait()
	s.unleash()
	s.process = nil
}
