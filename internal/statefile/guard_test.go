// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.opentelemetry.io/collector/component"
)

const patience = 50 * time.Millisecond

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// damages have the names of the columns of docs/deploying.
var damages = map[string]func(t *testing.T, file string){
	"emptied":              change(func([]byte) []byte { return nil }),
	"cut short":            change(func(whole []byte) []byte { return whole[:len(whole)/2] }),
	"its beginning zeroed": change(func(whole []byte) []byte { clear(whole[:2*os.Getpagesize()]); return whole }),
	"other content":        change(func([]byte) []byte { return []byte(strings.Repeat("This is no state.\n", 4096)) }),
	"one byte of its header": change(func(whole []byte) []byte {
		for _, page := range []int{0, os.Getpagesize()} { // both copies of it
			whole[page+40] ^= 1
		}
		return whole
	}),
	"a folder in its place": func(t *testing.T, file string) {
		require.NoError(t, os.Remove(file))
		require.NoError(t, os.Mkdir(file, 0o700))
	},
	"in use by another process": func(t *testing.T, file string) {
		db, err := bbolt.Open(file, 0o600, nil)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
	},
}

func change(change func(whole []byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		whole, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, change(whole), 0o600))
	}
}

// newFile is one of file_storage with a hundred records.
func newFile(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	db, err := bbolt.Open(file, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte("default"))
		for i := range 100 {
			err = errors.Join(err, bucket.Put([]byte{byte(i)}, make([]byte, 200)))
		}
		return err
	}))
	require.NoError(t, db.Close())
	return file
}

// TestTable tries each cell of the table of damaged files in docs/deploying.
func TestTable(t *testing.T) {
	rows := documented(t)
	require.Len(t, rows, 11)
	for name, cells := range rows {
		require.Len(t, cells, len(damages))
		for damage, outcome := range cells {
			t.Run(name+"/"+damage, func(t *testing.T) {
				if name == "64 hexadecimal digits" {
					name = Name(component.KindProcessor, component.MustNewIDWithName("anonymizer", strings.Repeat("x", 300)), "")
				}
				file := newFile(t, name)
				damages[damage](t, file)
				aside, err := Guard(file, patience, noon)
				switch outcome {
				case "stops":
					require.ErrorContains(t, err, file)
					_, gone := os.Lstat(file)
					require.NoError(t, gone, "it stays")
					assert.Empty(t, aside)
					switch damage {
					case "in use by another process":
						require.ErrorIs(t, err, ErrLocked)
					case "a folder in its place":
						require.ErrorContains(t, err, "it is no file: move it away")
					default:
						require.ErrorContains(t, err, "move it aside to start anew")
					}
				case "moved aside":
					require.NoError(t, err)
					assert.NoFileExists(t, file)
					assert.Equal(t, file+".damaged-20261126T120000Z", aside.To)
					assert.FileExists(t, aside.To)
					assert.NotEmpty(t, aside.Lost)
				default:
					require.Fail(t, "no outcome", outcome)
				}
			})
		}
	}
}

// documented reads the table: the outcome by the file and the damage.
func documented(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/deploying/README.md")
	require.NoError(t, err)
	rows := map[string]map[string]string{}
	var columns []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		switch {
		case len(cells) > 1 && cells[0] == "file begins with" && cells[1] == "emptied":
			columns = cells[1:]
		case columns == nil || strings.HasPrefix(cells[0], "-"):
		case len(cells) < 2:
			return rows
		default:
			rows[cells[0]] = map[string]string{}
			for i, cell := range cells[1:] {
				rows[cells[0]][columns[i]] = cell
			}
		}
	}
	return rows
}

func TestWholeFilesAreLeftAlone(t *testing.T) {
	for _, name := range []string{"processor_anonymizer_", "exporter_collect_"} {
		file := newFile(t, name)
		before, err := os.ReadFile(file)
		require.NoError(t, err)
		aside, err := Guard(file, patience, noon)
		require.NoError(t, err)
		assert.Empty(t, aside)
		after, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, before, after)
	}
	_, err := Guard(filepath.Join(t.TempDir(), "processor_anonymizer_"), patience, noon)
	require.NoError(t, err, "the library makes it")
	folder := t.TempDir()
	_, err = Guard(folder, patience, noon)
	require.ErrorContains(t, err, "it is no file")
}

// Another process makes the file: it has it locked, and wrote nothing yet.
func TestAFileThatIsBeingMadeIsNotDamaged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exporter_collect_")
	db, err := bbolt.Open(file, 0o600, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, os.Truncate(file, 0))
	aside, err := Guard(file, patience, noon)
	require.ErrorIs(t, err, ErrLocked)
	assert.Empty(t, aside.To)
}

// Between its making and its lock a file is empty and free.
func TestAFileThatIsJustMadeIsWaitedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exporter_collect_")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	made := make(chan error)
	go func() {
		time.Sleep(patience / 5) // the other process's pace: Check looks at an empty file meanwhile
		db, err := bbolt.Open(file, 0o600, nil)
		if err == nil {
			err = db.Close()
		}
		made <- err
	}()
	assert.NoError(t, Check(file, time.Minute))
	assert.NoError(t, <-made)
}
