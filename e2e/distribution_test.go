// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must happen; what must not happen is watched for a settled moment.
const (
	patience = 2 * time.Minute
	settled  = 2 * time.Second
)

type environment map[string]string

// distribution is one running process of the built binary.
type distribution struct {
	cmd    *exec.Cmd
	stdout output
	stderr output
	done   chan struct{}
	err    error
}

// operatorsProgram is the one that most tests are about.
var operatorsProgram = filepath.Join(root, "_build", "headcount")

// makersProgram is the other one, built once where a test needs it.
var makersProgram = sync.OnceValue(func() string {
	if err := makeTarget("makers"); err != nil {
		panic(err)
	}
	return filepath.Join(root, "_build", "headcount-makers")
})

// start runs the operator's program in a folder of its own, with no environment but the one given.
func start(t *testing.T, env environment, args ...string) *distribution {
	t.Helper()
	return startCommand(t, env, append([]string{operatorsProgram}, args...)...)
}

func startCommand(t *testing.T, env environment, argv ...string) *distribution {
	t.Helper()
	d := &distribution{cmd: exec.Command(argv[0], argv[1:]...)}
	d.cmd.Dir = t.TempDir()
	d.cmd.Env = []string{"PATH=/usr/bin:/bin"}
	for name, value := range env {
		d.cmd.Env = append(d.cmd.Env, name+"="+value)
	}
	d.cmd.Stdout, d.cmd.Stderr = &d.stdout, &d.stderr
	d.launch(t)
	return d
}

// launch lets the process and its children run until it ends, or the test.
func (d *distribution) launch(t *testing.T) {
	t.Helper()
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, d.cmd.Start())
	d.done = make(chan struct{})
	go func() {
		d.err = d.cmd.Wait()
		close(d.done)
	}()
	t.Cleanup(func() {
		_ = d.signal(syscall.SIGKILL)
		<-d.done
		if t.Failed() {
			t.Logf("%s\n%s%s", strings.Join(d.cmd.Args, " "), d.stdout.String(), d.stderr.String())
		}
	})
}

// signal sends one to the process and its children. After its end it sends none: the
// system soon gives its number to another process, perhaps another test's.
func (d *distribution) signal(signal syscall.Signal) error {
	select {
	case <-d.done:
		return os.ErrProcessDone
	default:
		return syscall.Kill(-d.cmd.Process.Pid, signal)
	}
}

// stop asks the process to end, and expects that it does so cleanly.
func (d *distribution) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, d.signal(syscall.SIGTERM))
	d.ends(t)
	require.NoError(t, d.err)
}

func (d *distribution) ends(t *testing.T) {
	t.Helper()
	select {
	case <-d.done:
	case <-time.After(patience):
		require.Fail(t, "the process does not end")
	}
}

// says waits until the log holds the text.
func (d *distribution) says(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(d.stderr.String(), text) }, patience, 20*time.Millisecond, text)
}

// staysUp expects that the process runs, and goes on running for a settled moment.
func (d *distribution) staysUp(t *testing.T) {
	t.Helper()
	d.says(t, "Everything is ready")
	select {
	case <-d.done:
		assert.Fail(t, "the process has ended")
	case <-time.After(settled):
	}
}

// output is what a process prints; it may be read while it grows.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
