// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package distribution measures the built distribution as a process.
package distribution

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var root, _ = filepath.Abs("../..")

// BenchmarkIdle is what the process takes when it has scraped once, has sent what it should, and
// waits: for app:sql-explorer on a SQLite file, with its page and its state.
func BenchmarkIdle(b *testing.B) {
	binary := filepath.Join(root, "_build", "headcount")
	if _, err := os.Stat(binary); err != nil {
		b.Skip("make build has not run: ", err)
	}
	arrived := make(chan struct{}, 2)
	makers := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{} }))
	defer makers.Close()
	var resident, own, ready, processor float64
	for b.Loop() {
		process := exec.Command(binary, "--config", "app:sql-explorer", "--set", "receivers::appusage::initial_delay=0s")
		process.Dir = b.TempDir()
		var log bytes.Buffer
		process.Stderr = &log
		process.Env = []string{
			"DATABASE_URL=sqlite:///" + filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"),
			"HEADCOUNT_STATE_DIR=" + filepath.Join(process.Dir, "state"), "HEADCOUNT_PAGE=127.0.0.1:0", "EXPLORER_COLLECT_ENDPOINT_URL=" + makers.URL,
		}
		begun := time.Now()
		require.NoError(b, process.Start())
		for range 2 { // STARTUP_STATS and QUERY_RUN
			select {
			case <-arrived:
			case <-time.After(time.Minute):
				_ = process.Process.Kill()
				_ = process.Wait()
				b.Fatal("nothing was sent: ", log.String())
			}
		}
		ready += float64(time.Since(begun))
		time.Sleep(3 * time.Second)
		resident += status(b, process.Process.Pid, "VmRSS")
		own += status(b, process.Process.Pid, "RssAnon")
		require.NoError(b, process.Process.Signal(syscall.SIGTERM))
		require.NoError(b, process.Wait())
		processor += float64(process.ProcessState.UserTime() + process.ProcessState.SystemTime())
	}
	b.ReportMetric(resident/float64(b.N), "resident-B")
	b.ReportMetric(own/float64(b.N), "own-B")
	b.ReportMetric(ready/float64(b.N), "start-ns")
	b.ReportMetric(processor/float64(b.N), "processor-ns")
	b.ReportMetric(0, "ns/op") // most of it is waiting
}

// status is a figure of /proc/PID/status, in bytes.
func status(b *testing.B, pid int, name string) float64 {
	b.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	_, rest, found := strings.Cut(string(content), name+":")
	require.True(b, found, "%s is not told", name)
	var kib float64
	_, err = fmt.Sscan(rest, &kib)
	require.NoError(b, err)
	return kib * 1024
}
