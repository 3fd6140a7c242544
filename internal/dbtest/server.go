// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"bytes"
	"database/sql"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The two users of each server. The passwords have characters that a URL or a shell would take for its own.
const (
	Admin          = "admin"
	AdminPassword  = "adm$in@1"
	Reader         = "reader" // may only read
	ReaderPassword = "re/ad:er%20$HOME@"
)

// Server is a running database server.
type Server struct {
	Port   int
	scheme string
}

// URL is the address of a database as its reader knows it.
func (s Server) URL(database string) string {
	return (&url.URL{
		Scheme: s.scheme, User: url.UserPassword(Reader, ReaderPassword),
		Host: s.Address(), Path: "/" + database,
	}).String()
}

// Address is the host and port that the server listens on.
func (s Server) Address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
}

// patience is how long a server may take to start on a busy machine.
const patience = 60 * time.Second

// serve runs a server's program until the test ends, and returns when it answers.
func serve(t testing.TB, folder string, program string, args []string, driver, dsn string) {
	t.Helper()
	server := command(folder, program, args...)
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		select {
		case <-ended:
		case <-time.After(patience):
			_ = server.Process.Kill()
			<-ended
		}
	})
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for deadline := time.Now().Add(patience); ; {
		if err = db.Ping(); err == nil {
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended:\n%s", program, &log)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer: %v", program, err)
		}
	}
}

// nobody is the user that servers run as when the test runs as root.
const nobody = 65534

// newFolder makes a folder that is the server's own. Its path is short, for the sake of sockets in it.
func newFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "db-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if os.Geteuid() == 0 {
		if err := os.Chown(folder, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func command(folder, program string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir = folder
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + folder, "TMPDIR=" + folder, "TZ=UTC"}
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return c
}

func run(t testing.TB, folder, program string, args ...string) {
	t.Helper()
	if out, err := command(folder, program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func write(t testing.TB, folder, name, text string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// find returns the first program that one of the patterns matches.
func find(patterns ...string) string {
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}
