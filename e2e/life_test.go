// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// Time in these weeks passes so fast. With HEADCOUNT_PROVE set there are a hundred of them.
const (
	week    = 1500 * time.Millisecond
	halfDay = week / 14
)

// TestADayInTheLife lets the distribution live through weeks of its work: it scrapes a database that is
// being written to, and serves other installations over OTLP, while it is stopped and killed at random and
// its makers are away a tenth of the time. What is due is accepted, once, and the process stays as small
// as it was.
//
// HEADCOUNT_LIFE_SEED repeats a run's choices, HEADCOUNT_LIFE_WEEKS its length.
func TestADayInTheLife(t *testing.T) {
	t.Parallel()
	weeks, databases := 16, []string{"sqlite"}
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		weeks, databases = 100, []string{"sqlite", "postgresql"}
	}
	weeks = int(chaosNumber(t, "HEADCOUNT_LIFE_WEEKS", uint64(weeks)))
	seed := chaosNumber(t, "HEADCOUNT_LIFE_SEED", rand.Uint64())
	for _, database := range databases {
		t.Run(database, func(t *testing.T) {
			t.Logf("HEADCOUNT_LIFE_SEED=%d HEADCOUNT_LIFE_WEEKS=%d", seed, weeks)
			live(t, database, seed, weeks)
		})
	}
}

// life is one installation's, and that of the gateway's installations beside it.
type life struct {
	born    func() *distribution // starts the process anew, on the state that there is
	process *distribution
	lives   int
	makers  *unreliable
	random  *rand.Rand
	outages spans
	vitals  vitals // of the last life
	disk    string // a file beside the state
}

func live(t *testing.T, database string, seed uint64, weeks int) {
	makers := newUnreliable(t, seed)
	makers.keeps(accepts)
	url, db := lifeDatabase(t, database)
	intake := porttest.Address(t)
	env := environment{
		"DATABASE_URL": url, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL(), "HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0",
	}
	config := lifeConfig(t, intake)
	l := life{makers: makers, disk: filepath.Join(t.TempDir(), "disk"), random: rand.New(rand.NewPCG(seed, 3)), born: func() *distribution {
		return start(t, env, "--config", "app:sql-explorer", "--config", config)
	}}

	l.begins(t)
	time.Sleep(week) // of the site's own
	few := l.process.sockets()
	young := l.process.goroutines(t)

	working, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { feed(working, "http://"+intake+"/v1/metrics", chaosInstallations...) })
	work.Go(func() { assert.NoError(t, writeRows(working, db)) })
	defer work.Wait()
	defer stop()
	begun := time.Now()
	l.begins(t)
	l.outages.add(begun)
	for _, part := range plan(l.random, weeks) {
		l.through(t, part)
	}
	lived := time.Since(begun)
	makers.everythingIsAccepted(t, time.Now())
	stop() // so that what is counted is what stays, and not what is at work
	work.Wait()
	require.Eventually(t, func() bool {
		makers.hangUp() // what the process keeps open depends on how long answers took, and is no leak
		return l.process.sockets() <= few+2
	}, patience, week/3, "connections end")
	old := l.process.goroutines(t)

	t.Logf("%d weeks in %s, %d lives, outages of %s; %s; %d rows in the log", weeks, lived.Round(time.Second), l.lives, l.outages.total().Round(time.Millisecond), makers, count(t, db))
	t.Logf("early and late in the last life: %s; goroutines in the first and the last: %d, %d", l.vitals, young, old)
	assert.NoError(t, l.vitals.flat())
	assert.LessOrEqual(t, old, young+5, "goroutines")
	l.everyDueStatIsAcceptedOnce(t)
}

func (l *life) begins(t *testing.T) {
	t.Helper()
	l.process, l.vitals = l.born(), vitals{}
	l.lives++
	l.process.says(t, "Everything is ready")
}

// through is a part of a week.
func (l *life) through(t *testing.T, now part) {
	t.Helper()
	away := time.Now()
	switch now.makers {
	case gone:
		l.makers.goAway()
	case busy:
		l.makers.keeps(refuses)
	}
	until := time.Duration(l.random.Int64N(int64(now.lasts)))
	l.watch(t, until)
	if now.end != 0 {
		died := time.Now()
		require.NoError(t, l.process.signal(now.end))
		l.process.ends(t)
		require.NotContains(t, l.process.stderr.String(), "panic:")
		if now.end == syscall.SIGTERM {
			require.NoError(t, l.process.err)
		}
		l.begins(t)
		l.outages.add(died)
	}
	l.watch(t, now.lasts-until)
	if now.makers != there {
		l.makers.comeBack(t)
		l.makers.keeps(accepts)
		l.outages.add(away)
	}
}

// watch looks at the process for a time. Where the machine kept this test itself from running or from writing to its
// disk, that is an outage.
func (l *life) watch(t *testing.T, lasts time.Duration) {
	t.Helper()
	const pause = 50 * time.Millisecond
	for end := time.Now().Add(lasts); time.Now().Before(end); {
		looked := time.Now()
		l.vitals.look(l.process.cmd.Process.Pid)
		writesToDisk(t, l.disk)
		time.Sleep(min(pause, time.Until(end))) // it looks again and again
		if time.Since(looked) > 4*pause {
			l.outages.add(looked)
		}
	}
}

// writesToDisk waits until a byte is there, as each note of an acceptance does.
func writesToDisk(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	_, err = file.WriteString(".")
	require.NoError(t, errors.Join(err, file.Sync(), file.Close()))
}

// everyDueStatIsAcceptedOnce counts by Idempotency-Key. Of QUERY_RUN, which is due more often than this test
// can watch, it expects that no week is without one.
func (l *life) everyDueStatIsAcceptedOnce(t *testing.T) {
	t.Helper()
	l.makers.acceptedOnceAnInterval(t, uuid, "STARTUP_STATS", week)
	l.makers.acceptedOnceAnInterval(t, uuid, "QUERY_RUN", halfDay)
	assert.NoError(t, l.outages.due(l.makers.acceptances(uuid, "STARTUP_STATS"), week), "STARTUP_STATS")
	assert.NoError(t, l.outages.due(l.makers.acceptances(uuid, "QUERY_RUN"), week), "QUERY_RUN")
	for _, installation := range chaosInstallations {
		l.makers.acceptedOnceAnInterval(t, installation, "WEEKLY", week)
		assert.NoError(t, l.outages.due(l.makers.acceptances(installation, "WEEKLY"), week), "%s: WEEKLY", installation)
	}
}

// everythingIsAccepted waits until each stat has been accepted after this moment.
func (u *unreliable) everythingIsAccepted(t *testing.T, moment time.Time) {
	t.Helper()
	wait := func(installation, stat string) {
		require.Eventually(t, func() bool {
			accepted := u.acceptances(installation, stat)
			return len(accepted) > 0 && accepted[len(accepted)-1].After(moment)
		}, patience, 20*time.Millisecond, "%s: %s\n%s", installation, stat, u)
	}
	wait(uuid, "STARTUP_STATS")
	wait(uuid, "QUERY_RUN")
	for _, installation := range chaosInstallations {
		wait(installation, "WEEKLY")
	}
}

// goroutines ends the process so that it prints what all of its goroutines do, and counts them.
func (d *distribution) goroutines(t *testing.T) int {
	t.Helper()
	require.NoError(t, d.signal(syscall.SIGQUIT))
	d.ends(t)
	found := regexp.MustCompile(`(?m)^goroutine \d+ `).FindAllString(d.stderr.String(), -1)
	require.NotEmpty(t, found)
	return len(found)
}

// lifeDatabase is a site's database of the given kind: its URL for a reader, and its owner's handle.
func lifeDatabase(t *testing.T, kind string) (string, *sql.DB) {
	t.Helper()
	path := installation{logs: 250, users: 12, queries: 25, connections: 3, installed: "2025-06-15 12:00:00", lastSQL: "select 1", lastDuration: 1.5}.create(t)
	if kind == "sqlite" {
		db := open(t, path)
		_, err := db.Exec("PRAGMA busy_timeout = 20000") // while it is being read
		require.NoError(t, err)
		return "sqlite:///" + path, db
	}
	server := dbtest.PostgreSQL.Shared(t)
	name, db := server.Copy(t, path)
	_, err := db.Exec("GRANT pg_read_all_data TO " + dbtest.Reader)
	require.NoError(t, err)
	return server.URL(dbtest.Reader, name), db
}

// writeRows plays the site's users: one query after the other is written to the log.
func writeRows(ctx context.Context, db *sql.DB) error {
	for n := 1000; ctx.Err() == nil; n++ {
		if _, err := db.Exec(fmt.Sprintf(
			"INSERT INTO explorer_querylog(id, sql, run_at, run_by_user_id, connection, success, duration) "+
				"VALUES (%d, 'select %[1]d', '2026-01-01 00:00:00', %d, '', true, 1.5)", n, 1+n%12)); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond) // the users' own pace
	}
	return nil
}

func count(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow("SELECT count(*) FROM explorer_querylog").Scan(&n))
	return n
}

// lifeConfig makes a week of the profile app:sql-explorer pass in the time that one takes here, and adds
// installations that report by OTLP.
func lifeConfig(t *testing.T, intake string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "life.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
receivers:
  appusage: {collection_interval: %s, initial_delay: 0s}
  otlp: {protocols: {http: {endpoint: %q}}}
processors:
  anonymizer: {metrics: {app.users: {round: {to: 5}}}}
exporters:
  collect:
    timeout: 300ms
    retry_on_failure: {initial_interval: 20ms, max_interval: 200ms}
    stats:
      STARTUP_STATS: {interval: %s}
      QUERY_RUN:     {interval: %[1]s}
      WEEKLY:        {interval: %[3]s, value: {users: {metric: app.users}}}
service:
  pipelines: {metrics: {receivers: [appusage, otlp]}}
`, halfDay, intake, week), 0o600))
	return file
}
