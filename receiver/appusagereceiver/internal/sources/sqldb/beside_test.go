// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package sqldb_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// The users of the application and of the collector, where the test may choose.
const (
	writerUser = 65532
	readerUser = 65533
)

// endless is how many rows a reading would take minutes for, if nobody ended it; the writer fails after five seconds.
const endless = "2000000000"

// batch is how many rows each of the writer's transactions adds to both tables.
const batch = 13

// writerSays is what a writer has seen at its end.
type writerSays struct {
	Committed int
	// Slowest is the longest time that it waited for a commit.
	Slowest time.Duration
	Failed  []string
}

// TestWriter is no test: it is the application, in a process of its own, that writes until its input ends.
func TestWriter(t *testing.T) {
	path, mode := os.Getenv("HEADCOUNT_WRITES"), os.Getenv("HEADCOUNT_JOURNAL")
	if path == "" {
		t.SkipNow()
	}
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(done)
	}()
	journal, habit, _ := strings.Cut(mode, " ")
	open := func() *sql.DB {
		// The small cache has transactions write to the file before they commit.
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode("+journal+")&_pragma=cache_size(5)&_pragma=synchronous(off)")
		require.NoError(t, err)
		db.SetMaxOpenConns(1)
		return db
	}
	var says writerSays
	db := open()
	for n := 0; ; n++ {
		select {
		case <-done:
			_ = db.Close()
			text, err := json.Marshal(says)
			require.NoError(t, err)
			fmt.Println(string(text))
			return
		default:
		}
		began := time.Now()
		if err := write(db, n); err != nil {
			says.Failed = append(says.Failed, err.Error())
		}
		says.Slowest = max(says.Slowest, time.Since(began))
		says.Committed++
		if n == 0 {
			fmt.Println("ready")
		}
		switch {
		case habit == "once":
			_ = db.Close()
			db = open()
		case habit == "truncating" && n%10 == 0:
			_, _ = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		}
	}
}

// write adds to both tables, or takes that back.
func write(db *sql.DB, n int) error {
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	end := "COMMIT"
	if n%5 == 4 {
		end = "ROLLBACK"
	}
	for _, text := range []string{
		"BEGIN IMMEDIATE",
		fmt.Sprintf("INSERT INTO a SELECT NULL, hex(randomblob(200)) FROM (WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r LIMIT %d) SELECT i FROM r)", batch),
		fmt.Sprintf("INSERT INTO b SELECT NULL, hex(randomblob(200)) FROM (WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r LIMIT %d) SELECT i FROM r)", batch),
		"DELETE FROM a WHERE id <= (SELECT MAX(id) FROM a) - 2600",
		"DELETE FROM b WHERE id <= (SELECT MAX(id) FROM b) - 2600",
		end,
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK")
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// TestReader is no test: it is the collector, in a process of its own.
func TestReader(t *testing.T) {
	path := os.Getenv("HEADCOUNT_READS")
	if path == "" {
		t.SkipNow()
	}
	scrapes, err := strconv.Atoi(os.Getenv("HEADCOUNT_SCRAPES"))
	require.NoError(t, err)
	rows := os.Getenv("HEADCOUNT_SLOW")
	database := parse(t, "sqlite:///"+path)
	for range scrapes {
		queries := []sqldb.Query{
			{Kind: sqldb.Count, Table: "a"},
			{Kind: sqldb.Count, Table: "b"},
			{Kind: sqldb.Max, Table: "a", Column: "id"},
			{Kind: sqldb.Max, Table: "b", Column: "id"},
		}
		if rows != "" {
			queries = append(queries, sqldb.Query{Kind: sqldb.SQL, Text: "SELECT COUNT(*) FROM (WITH RECURSIVE r(i) AS (SELECT MAX(id) FROM a UNION ALL SELECT i + 1 FROM r LIMIT " + rows + ") SELECT i FROM r)"})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		session, err := database.Open(ctx)
		require.NoError(t, err)
		answers := session.Read(ctx, queries)
		row, err := session.Newest(ctx, sqldb.Newest{Table: "a", By: "id"})
		session.Close()
		cancel()
		require.NoError(t, err)
		require.Positive(t, row.By)
		for i, answer := range answers[:4] {
			require.NoError(t, answer.Err, i)
		}
		require.Equal(t, answers[0].Value, answers[1].Value)
		require.Equal(t, answers[2].Value, answers[3].Value)
		require.Zero(t, answers[2].Value.(int64)%batch, "rows of an unfinished transaction")
		if rows == endless {
			require.ErrorContains(t, answers[4].Err, "it takes longer than half a second, for which the app would have to wait")
		}
	}
}

// listing is what lies in a folder, whose it is, and its mode.
func listing(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	found := map[string]string{}
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		found[entry.Name()] = fmt.Sprint(info.Mode(), info.Sys().(*syscall.Stat_t).Uid)
	}
	return found
}

// as runs one of the processes above as a user of its own, where the test may choose.
func as(uid uint32, test string, environment ...string) *osexec.Cmd {
	cmd := osexec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.v=false")
	cmd.Env = append(os.Environ(), environment...)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return cmd
}

// neighbours has an application write without rest, and a collector read beside it, in a folder
// in which both may write. One reading goes through so many rows, if any. It returns what the writer said, and checks
// that the folder stays as it was.
func neighbours(t *testing.T, journal string, scrapes int, rows string) writerSays {
	t.Helper()
	folder, err := os.MkdirTemp("", "headcount-beside-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	require.NoError(t, os.Chmod(folder, 0o777)) //nolint:gosec // that is what is tried
	path := filepath.Join(folder, "app.sqlite3")
	owner, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	exec(t, owner, "CREATE TABLE a (id INTEGER PRIMARY KEY, s text); CREATE TABLE b (id INTEGER PRIMARY KEY, s text)")
	require.NoError(t, owner.Close())
	if os.Getuid() == 0 {
		require.NoError(t, os.Chown(path, writerUser, writerUser))
	}
	require.NoError(t, os.Chmod(path, 0o644)) //nolint:gosec // that the collector may read
	program := filepath.Join(folder, "program")
	copyFile(t, os.Args[0], program)

	writer := as(writerUser, "TestWriter", "HEADCOUNT_WRITES="+path, "HEADCOUNT_JOURNAL="+journal)
	writer.Path = program
	writer.Stderr = os.Stderr
	input, err := writer.StdinPipe()
	require.NoError(t, err)
	output, err := writer.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, writer.Start())
	lines := bufio.NewScanner(output)
	require.True(t, lines.Scan())
	require.Equal(t, "ready", lines.Text())

	reader := as(readerUser, "TestReader", "HEADCOUNT_READS="+path, "HEADCOUNT_SCRAPES="+strconv.Itoa(scrapes), "HEADCOUNT_SLOW="+rows)
	reader.Path = program
	said, err := reader.CombinedOutput()
	assert.NoError(t, err, string(said))

	require.NoError(t, input.Close())
	var says writerSays
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "{") {
			require.NoError(t, json.Unmarshal(lines.Bytes(), &says))
		}
	}
	require.NoError(t, writer.Wait())
	assert.Empty(t, says.Failed)
	before := listing(t, folder)

	// The application rests, and has closed its file.
	reader = as(readerUser, "TestReader", "HEADCOUNT_READS="+path, "HEADCOUNT_SCRAPES=3")
	reader.Path = program
	said, err = reader.CombinedOutput()
	assert.NoError(t, err, string(said))
	assert.Equal(t, before, listing(t, folder))
	for name, whose := range before {
		if name != "program" {
			assert.Contains(t, whose, strconv.Itoa(map[bool]int{true: writerUser, false: os.Getuid()}[os.Getuid() == 0]), name)
		}
	}
	return says
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o755)) //nolint:gosec // a program
}

// journals are those in which an application may keep its file, and how it may use it.
var journals = []string{"delete", "truncate", "persist", "wal", "wal once", "wal truncating"}

// TestBesideAWriterThatNeverRests; HEADCOUNT_PROVE makes it a thousand scrapes.
func TestBesideAWriterThatNeverRests(t *testing.T) {
	scrapes := 50
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		scrapes = 1000
	}
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			says := neighbours(t, journal, scrapes, "")
			t.Logf("%d transactions, the slowest took %s", says.Committed, says.Slowest)
		})
	}
}

// TestSlowReadingGivesWay has a reading that takes longer than a writer may wait; HEADCOUNT_PROVE
// tries it in each journal mode.
func TestSlowReadingGivesWay(t *testing.T) {
	tried := []string{"delete"}
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		tried = journals
	}
	for _, journal := range tried {
		t.Run(journal, func(t *testing.T) {
			rows := endless
			if strings.HasPrefix(journal, "wal") { // beside which nobody waits
				rows = "2000000"
			}
			says := neighbours(t, journal, 1, rows)
			t.Logf("%d transactions, the slowest took %s", says.Committed, says.Slowest)
		})
	}
}
