// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// connections are what the queue's consumers may keep open to the makers, one each. How many they
// do depends on how long answers take, so that many more are no leak.
const connections = 10

// vitals are what a process takes of its machine, again and again over its life.
type vitals struct {
	resident []int // KiB
	files    []int // descriptors, but sockets
	sockets  []int
}

// look adds what a process takes now.
func (v *vitals) look(pid int) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(folder, "status"))
	if err != nil {
		return // there is no such file on this system; then there are too few samples
	}
	open, err := os.ReadDir(filepath.Join(folder, "fd"))
	if err != nil {
		return
	}
	sockets := 0
	for _, file := range open {
		if target, _ := os.Readlink(filepath.Join(folder, "fd", file.Name())); strings.HasPrefix(target, "socket:") {
			sockets++
		}
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var resident int
	if _, err := fmt.Sscan(rest, &resident); err == nil {
		v.resident, v.files, v.sockets = append(v.resident, resident), append(v.files, len(open)-sockets), append(v.sockets, sockets)
	}
}

// sockets are those that the process has open now.
func (d *distribution) sockets() int {
	var now vitals
	now.look(d.cmd.Process.Pid)
	if len(now.sockets) == 0 {
		return 0
	}
	return now.sockets[0]
}

// windows are the medians of the fifth after the first, and of the last: a process takes a moment to grow up.
func windows(samples []int) (early, late int) {
	fifth := len(samples) / 5
	return median(samples[fifth : 2*fifth]), median(samples[len(samples)-fifth:])
}

func median(samples []int) int {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/2]
}

func (v vitals) String() string {
	early, late := windows(v.resident)
	open, after := windows(v.files)
	connected, then := windows(v.sockets)
	return fmt.Sprintf("%.1f and %.1f MB resident, %d and %d files and %d and %d sockets open (%d samples)", float64(early)/1024, float64(late)/1024, open, after, connected, then, len(v.files))
}

// flat says what has grown: memory by more than a tenth and 4 MB, open files by more than three,
// sockets by more than three beside the connections.
func (v vitals) flat() error {
	if len(v.resident) < 25 {
		return fmt.Errorf("%d samples are too few to say", len(v.resident))
	}
	if early, late := windows(v.resident); late > early+early/10+4<<10 {
		return fmt.Errorf("memory grew from %d to %d KiB", early, late)
	}
	if early, late := windows(v.files); late > early+3 {
		return fmt.Errorf("open files grew from %d to %d", early, late)
	}
	if early, late := windows(v.sockets); late > early+3+connections {
		return fmt.Errorf("open sockets grew from %d to %d", early, late)
	}
	return nil
}

func TestALeakIsSeen(t *testing.T) {
	series := func(each func(int) int) (samples []int) {
		for i := range 200 {
			samples = append(samples, each(i))
		}
		return samples
	}
	flat := series(func(i int) int { return 60<<10 + i%7<<10 })
	few := series(func(i int) int { return 20 + i%4 })
	assert.NoError(t, vitals{flat, few, few}.flat())
	assert.Error(t, vitals{series(func(i int) int { return 60<<10 + i*100 }), few, few}.flat())
	assert.Error(t, vitals{flat, series(func(i int) int { return 20 + i/20 }), few}.flat())
	assert.Error(t, vitals{flat, few, series(func(i int) int { return 20 + i/8 })}.flat())
	assert.Error(t, vitals{flat[:20], few[:20], few[:20]}.flat())
}
