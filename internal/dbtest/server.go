// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package dbtest starts throwaway PostgreSQL and MariaDB servers for tests: on free
// ports, as an unprivileged user, with their data in a temporary folder. They stop
// when the test's process ends, however it ends.
package dbtest // import "github.com/headcount-otel/headcount/internal/dbtest"

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

	server *exec.Cmd
	// leash is a pipe whose closing ends the server: the kernel closes it with this process.
	leash *os.File
}

var (
	shared  = map[string]*Server{}
	starts  sync.Mutex
	missing = map[string]error{}
)

// Shared is the one server of its kind that all tests of this process share. Where it
// cannot be had, the test is skipped, or fails with CI=true.
func (k Kind) Shared(t testing.TB) *Server {
	t.Helper()
	starts.Lock()
	defer starts.Unlock()
	if shared[k.Name] == nil {
		folder, err := os.MkdirTemp("", "headcount-"+k.Name+"-")
		require.NoError(t, err)
		shared[k.Name] = k.start(t, folder)
	}
	return shared[k.Name]
}

// Own is a server for one test, which may stop it and start it again.
func (k Kind) Own(t testing.TB) *Server {
	t.Helper()
	starts.Lock()
	defer starts.Unlock()
	folder, err := os.MkdirTemp("", "headcount-"+k.Name+"-")
	require.NoError(t, err)
	s := k.start(t, folder)
	t.Cleanup(func() {
		s.Kill()
		_ = os.RemoveAll(folder)
	})
	return s
}

func (k Kind) start(t testing.TB, folder string) *Server {
	t.Helper()
	k.need(t)
	s := &Server{Kind: k, Folder: folder, Port: freePort(t)}
	require.NoError(t, os.Chmod(folder, 0o755))
	if os.Getuid() == 0 {
		require.NoError(t, os.Chown(folder, nobody, nobody))
	}
	for _, command := range k.setup(s) {
		cmd := unprivileged(exec.Command(command[0], command[1:]...))
		cmd.Dir = folder
		output, err := cmd.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	s.Start(t)
	return s
}

// need installs the kind's packages where they are missing.
func (k Kind) need(t testing.TB) {
	t.Helper()
	if _, tried := missing[k.Name]; !tried {
		missing[k.Name] = k.install()
	}
	if err := missing[k.Name]; err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s cannot be had: %v", k.Name, err)
		}
		t.Skipf("%s cannot be had: %v", k.Name, err)
	}
}

func (k Kind) install() error {
	if k.found() {
		return nil
	}
	for _, command := range [][]string{
		{"apt-get", "update"},
		append([]string{"apt-get", "install", "-y", "--no-install-recommends"}, k.packages...),
	} {
		cmd := exec.Command(command[0], command[1:]...)
		// Debian's packages would start a server of their own.
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", command, err, output[max(0, len(output)-300):])
		}
	}
	if !k.found() {
		return fmt.Errorf("%v do not hold %v", k.packages, k.programs)
	}
	return nil
}

func (k Kind) found() bool {
	for _, program := range k.programs {
		if locate(program) == "" {
			return false
		}
	}
	return true
}

// locate finds a program on the path, or where Debian keeps a server's own programs.
func locate(program string) string {
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
	read, write, err := os.Pipe()
	require.NoError(t, err)
	// The shell ends the server when the pipe closes, and removes what it left.
	script := `"$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$FOLDER"`
	s.server = unprivileged(exec.Command("sh", append([]string{"-c", script, "sh"}, s.serve(s)...)...))
	s.server.Dir = s.Folder
	s.server.Env = append(os.Environ(), "FOLDER="+s.Folder)
	s.server.Stdin = read
	log, err := os.OpenFile(filepath.Join(s.Folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	s.server.Stdout, s.server.Stderr = log, log
	s.server.SysProcAttr.Setpgid = true
	require.NoError(t, s.server.Start())
	s.leash = write
	require.NoError(t, read.Close())
	require.NoError(t, log.Close())
	require.Eventually(t, func() bool {
		db := s.connect(t, "")
		defer func() { _ = db.Close() }()
		return db.Ping() == nil
	}, time.Minute, 50*time.Millisecond, "the server does not answer; its log is in %s", s.Folder)
}

// Kill ends the server at once, as a power cut would, and keeps its data.
func (s *Server) Kill() {
	if s.server == nil {
		return
	}
	_ = syscall.Kill(-s.server.Process.Pid, syscall.SIGKILL)
	_ = s.server.Wait()
	_ = s.leash.Close()
	s.server = nil
}

func unprivileged(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().(*net.TCPAddr).Port
}
