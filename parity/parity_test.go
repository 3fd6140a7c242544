// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/parity/sqlexplorer"
)

const seed = 20250315

// root is the repository's folder.
var root, _ = filepath.Abs("..")

// TestMain builds the distribution; where it is up to date this is a matter of a moment.
func TestMain(m *testing.M) {
	build := exec.Command("make", "-s", "-C", root, "build")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the distribution does not build:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// zone is how a site keeps time. Without USE_TZ Django stores a local time without a zone.
type zone struct {
	useTZ bool
	name  string
}

var zones = []zone{{true, "UTC"}, {true, "America/New_York"}, {false, "UTC"}, {true, "Asia/Tokyo"}, {false, "Europe/Berlin"}}

// TestParity plays made-up installations of the real app and compares its reports with the distribution's.
func TestParity(t *testing.T) {
	versions, databases, each := []sqlexplorer.Version{sqlexplorer.Newest}, []database{sqlite}, 4
	if os.Getenv("HEADCOUNT_PARITY") != "" {
		versions, databases, each = sqlexplorer.Versions, []database{sqlite, postgresql, mariadb}, 10
	}
	makers := newRecorder(t)
	var equal, played atomic.Int64
	var counting sync.Mutex
	stats := tally{}
	for d, database := range databases {
		t.Run(database.name, func(t *testing.T) {
			place := database.start(t)
			for v, version := range versions {
				t.Run(version.App, func(t *testing.T) {
					t.Parallel()
					rng := rand.New(rand.NewPCG(seed, uint64(v*len(databases)+d)))
					zone := zones[(v+d)%len(zones)]
					python := sqlexplorer.Install(t, root, version)
					site := python.Start(t, sqlexplorer.Settings{Database: place.django, UseTZ: zone.useTZ, TimeZone: zone.name})
					for n := range each {
						played.Add(1)
						installation, env := generate(rng)
						installation.Database = place.database(fmt.Sprintf("site_%s_%d", strings.ReplaceAll(version.App, ".", "_"), n))
						env["DATABASE_URL"] = place.url(installation.Database)
						env["EXPLORER_VERSION"] = version.App
						sender := fmt.Sprintf("/%s/%s/%d", database.name, version.App, n)
						found, compared := compare(t, makers, sender, site, overlays(t, version, database, zone), installation, env)
						for _, difference := range found {
							t.Errorf("installation %d: %s", n, difference)
						}
						counting.Lock()
						stats.add(compared)
						counting.Unlock()
						if len(found) == 0 {
							equal.Add(1)
						}
					}
				})
			}
		})
	}
	t.Logf("seed %d: %d of %d installations of %s on %s say the same: %d STARTUP_STATS and %d QUERY_RUN, %d keys",
		seed, equal.Load(), played.Load(), apps(versions), names(databases), stats["STARTUP_STATS"], stats["QUERY_RUN"], stats["key"])
	require.Equal(t, len(databases)*len(versions)*each, int(equal.Load()), "installations that say the same")
	require.Equal(t, int(equal.Load()), stats["STARTUP_STATS"])
	require.Greater(t, stats["QUERY_RUN"], int(equal.Load())/2)
}

// overlays are what docs/sql-explorer.md says to put over the profile.
func overlays(t *testing.T, version sqlexplorer.Version, database database, zone zone) (overlays []string) {
	t.Helper()
	if version.Overlay != "" {
		overlays = append(overlays, "app:"+version.Overlay)
	}
	if database.name == postgresql.name && !zone.useTZ && zone.name != "UTC" {
		overlays = append(overlays, "yaml:"+strings.ReplaceAll(sqlexplorer.Documented(t, root, "AT TIME ZONE"), "Europe/Berlin", zone.name))
	}
	return overlays
}

// compare plays one installation, lets headcount scrape it, and returns the differences.
func compare(t *testing.T, makers *recorder, sender string, site *sqlexplorer.Site, overlays []string, installation sqlexplorer.Installation, env map[string]string) ([]string, tally) {
	t.Helper()
	installation.CollectURL = makers.url + sender + "/app"
	site.Play(t, installation)
	app, faults, _ := makers.from(sender + "/app")
	require.Empty(t, faults)
	require.Len(t, app, 2, "the app reports what happened, and its weekly stats")

	expected := 1
	if _, ran := last(app, "QUERY_RUN"); ran || installation.Logs > 1 {
		expected = 2 // the newest successful run, be it an old one
	}
	return differences(app, scrape(t, makers, sender+"/headcount", overlays, env, expected))
}

func last(reports []report, name string) (found report, ok bool) {
	for _, r := range reports {
		if r.Name == name {
			found, ok = r, true
		}
	}
	return found, ok
}

func apps(versions []sqlexplorer.Version) string {
	var list []string
	for _, v := range versions {
		list = append(list, v.App+" (Django "+v.Django+")")
	}
	return strings.Join(list, ", ")
}

func names(databases []database) string {
	var list []string
	for _, d := range databases {
		list = append(list, d.name)
	}
	return strings.Join(list, ", ")
}
