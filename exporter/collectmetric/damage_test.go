// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/trust"
)

// sticky is a shop that remembers in all three files.
func sticky(url, dir string, more ...Option) []Option {
	return shop(url, dir, append([]Option{
		WithResourceRule(mapping.InstanceID, rule.Text{Pseudonym: &rule.Pseudonym{Every: rule.Never}}),
	}, more...)...)
}

var stateFiles = []string{"exporter_collect_", "processor_anonymizer_", "receiver_appusage_"}

// Whatever is in the state's files, no panic leaves Export, not even one of a
// goroutine of bbolt's, which would end this test; and it is told once.
func TestTornState(t *testing.T) {
	makers, dir := newMakers(t), t.TempDir()
	a := newApp(t, sticky(makers.URL, dir)...)
	a.order(10)
	a.export(t)
	require.Len(t, makers.received(), 1)
	whole := map[string][]byte{}
	for _, file := range stateFiles {
		content, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err, file)
		whole[file] = content
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	untouched, damaged := 0, 0
	for range 100 {
		dir := t.TempDir()
		for _, file := range stateFiles {
			require.NoError(t, os.WriteFile(filepath.Join(dir, file), whole[file], 0o600))
		}
		file := stateFiles[random.IntN(len(stateFiles))]
		torn := append([]byte(nil), whole[file]...)
		for range 1 + random.IntN(8) { // most pages of a small file are free ones
			torn = tear(random, torn)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), torn, 0o600))
		a := newApp(t, sticky(makers.URL, dir, WithConsent(func() trust.Mode { return trust.On }))...)
		a.order(10)
		a.export(t)
		a.impatient()
		a.export(t)
		switch lines := len(told.take()); lines {
		case 0:
			untouched++
		default:
			damaged++
			assert.LessOrEqual(t, lines, 2)
		}
	}
	t.Logf("%d files were as good as whole, of %d was told", untouched, damaged)
	assert.Positive(t, untouched)
	assert.Positive(t, damaged)
}

// tear damages a file as power failures, bad disks and people do.
func tear(random *rand.Rand, torn []byte) []byte {
	page := os.Getpagesize()
	if len(torn) < page {
		return torn
	}
	at := page * random.IntN(len(torn)/page)
	switch random.IntN(5) {
	case 0: // a page was not written
		clear(torn[at : at+page])
	case 1: // half of one
		clear(torn[at+page/2 : at+page])
	case 2: // garbage
		for i := range torn[at : at+page] {
			torn[at+i] = byte(random.Int())
		}
	case 3: // bits flip
		for range 1 + random.IntN(20) {
			torn[at+random.IntN(200)] ^= 1 << random.IntN(8)
		}
	default: // cut short
		torn = torn[:len(torn)-random.IntN(page)]
	}
	return torn
}

// While another process reports, an Export waits a moment, then leaves it to that one.
func TestALockedStateIsLeftToItsProcess(t *testing.T) {
	makers, dir := newMakers(t), t.TempDir()
	other, err := bbolt.Open(filepath.Join(dir, "exporter_collect_"), 0o600, nil)
	require.NoError(t, err)
	a := newApp(t, shop(makers.URL, dir)...)
	a.order(10)
	a.export(t)
	assert.Empty(t, makers.received())
	assert.Empty(t, told.take(), "nothing is wrong")
	require.NoError(t, other.Close())
	a.impatient()
	a.export(t)
	assert.Len(t, makers.received(), 1)
}

// A directory that cannot be written costs one line, and nothing is sent that could not be remembered.
func TestAStateThatCannotBeWritten(t *testing.T) {
	makers := newMakers(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	a := newApp(t, shop(makers.URL, file)...)
	a.order(10)
	for range 3 {
		a.impatient()
		a.export(t)
	}
	assert.Empty(t, makers.received())
	said := told.take()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "is not a directory")
}

// mount makes a file system of its own, where that is allowed.
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			require.NoError(t, err, string(output))
		}
		t.Skipf("SKIP: no file system can be mounted here: %s", strings.TrimSpace(string(output)))
	}
	t.Cleanup(func() { require.NoError(t, exec.Command("umount", dir).Run()) })
	return dir
}

func TestAFullDisk(t *testing.T) {
	makers, dir := newMakers(t), mount(t, "size=1m")
	fill := func() {
		_ = os.WriteFile(filepath.Join(dir, "full"), make([]byte, 2<<20), 0o600)
		require.ErrorIs(t, os.WriteFile(filepath.Join(dir, "more"), make([]byte, 1<<16), 0o600), syscall.ENOSPC)
	}
	fill()
	a := newApp(t, shop(makers.URL, filepath.Join(dir, "state"))...)
	a.order(10)
	for range 3 {
		a.impatient()
		a.export(t)
	}
	assert.Empty(t, makers.received(), "without memory it would be sent again and again")
	said := told.take()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "no space left on device")

	require.NoError(t, os.Remove(filepath.Join(dir, "full")))
	require.NoError(t, os.Remove(filepath.Join(dir, "more")))
	a.impatient()
	a.export(t)
	assert.Len(t, makers.received(), 1, "there is room again")
}

func TestAReadOnlyDisk(t *testing.T) {
	makers, dir := newMakers(t), mount(t, "size=1m")
	a := newApp(t, shop(makers.URL, filepath.Join(dir, "state"))...)
	a.order(10)
	a.export(t)
	require.Len(t, makers.received(), 1)
	require.NoError(t, exec.Command("mount", "-o", "remount,ro", dir).Run())
	again := newApp(t, shop(makers.URL, filepath.Join(dir, "state"))...)
	again.order(10)
	for range 3 {
		again.impatient()
		again.export(t)
	}
	assert.Len(t, makers.received(), 1)
	said := told.take()
	require.Len(t, said, 1)
	assert.Contains(t, said[0], "read-only file system")
}
