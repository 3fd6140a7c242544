// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// site is a distribution over a golden database whose page is looked at: it reads and reports every second.
type site struct {
	env      environment
	database string
	calls    string   // where strace writes; empty without it
	more     []string // arguments
}

func newSite(makers *endpoint, t *testing.T) *site {
	t.Helper()
	database := copyFile(t, filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"), t.TempDir())
	return &site{database: database, env: environment{
		"DATABASE_URL":                  "sqlite:///" + database,
		"EXPLORER_COLLECT_ENDPOINT_URL": makers.URL,
		"HEADCOUNT_STATE_DIR":           t.TempDir(),
		"HEADCOUNT_PAGE":                "127.0.0.1:0",
	}}
}

func (s *site) start(t *testing.T) *distribution {
	t.Helper()
	argv := []string{filepath.Join(root, "_build", "headcount")}
	if s.calls != "" {
		debian.NeedsProgram(t, "strace", "strace")
		argv = append([]string{"strace", "-f", "-qq", "-s", "256", "-e", "trace=network,open,openat,creat", "-o", s.calls}, argv...)
	}
	argv = append(append(argv, sqlExplorer...),
		"--config", "yaml:receivers::appusage::collection_interval: 1s", "--config", "yaml:receivers::appusage::initial_delay: 0s",
		"--config", "yaml:exporters::collect::stats::STARTUP_STATS::interval: 1s")
	return startCommand(t, s.env, append(argv, s.more...)...)
}

var pageAddress = regexp.MustCompile(`http://[0-9.]+:\d+/\?token=\w+`)

// page is the address that the start-up log names.
func (d *distribution) page(t *testing.T) string {
	t.Helper()
	d.says(t, "?token=")
	return pageAddress.FindString(d.stderr.String())
}

const (
	headline = `document.querySelector("h1").textContent`
	rows     = `Object.fromEntries([...document.querySelectorAll("tr[data-field]")].map(r => [r.dataset.field, [r.cells[1].textContent, r.cells[2].textContent]]))`
)

// The operator opens the page, sees what leaves, turns it off, restarts, and turns it on again.
func TestThePage(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	s.calls = filepath.Join(t.TempDir(), "calls")
	d := s.start(t)
	makers.awaits(t, 3)
	b := newBrowser(t)
	b.do(chromedp.Navigate(d.page(t)))

	b.becomes(headline + ` === "Usage statistics are on."`)
	b.becomes(`document.querySelectorAll("section[aria-labelledby=fields] tbody tr").length >= 18`)
	shown := value[map[string][]string](b, rows)
	for field, want := range map[string][]string{
		"explorer.query_log.count":           {"1550", "1600"},
		"explorer.query_log.users":           {"37", "35"},
		"explorer.query.count":               {"24", "20"},
		"explorer.query.connections":         {"3", "5"},
		"explorer.database_connection.count": {"3", "3"},
		"explorer.transform.count":           {"0", "0"},
		"explorer.query_run.sql_len":         {"58", "58"},
		"explorer.query_run.duration":        {"45", "45"},
		"db.system.name":                     {"sqlite", "sqlite"},
		"service.name":                       {"sql-explorer", "in no report"},
		"service.version":                    {"5.3", "5.3"},
		"app.debug":                          {"false", "false"},
		"app.tasks":                          {"false", "false"},
		"app.unsafe_rendering":               {"false", "false"},
		"app.charts":                         {"false", "false"},
		"app.assistant":                      {"false", "false"},
		"app.installed_at":                   {"2024-08-15T10:00:00Z", "Q3-2024"},
		"service.instance.id":                {makers.instance(t), makers.instance(t)},
	} {
		assert.Equal(t, want, shown[field], field)
		delete(shown, field)
	}
	assert.Empty(t, shown, "all fields, and no other")

	// Live: another report appears in the same document.
	value[int](b, `window.sameDocument = document.querySelectorAll("details").length`)
	b.becomes(`window.sameDocument && document.querySelectorAll("details").length > window.sameDocument`)

	b.do(chromedp.Click(chromedp.CSS("#choose-off")))
	b.becomes(headline + ` === "Usage statistics are off."`)
	time.Sleep(settled) // for a scrape and a report that were under way
	sent, before := len(makers.received()), s.called(t)
	time.Sleep(3*time.Second + settled) // several scrapes, for what must not come
	assert.Len(t, makers.received(), sent)
	after := s.called(t)[len(before):]
	assert.NotRegexp(t, opening, after, "no scrape")
	assert.NotRegexp(t, connect, after, "no socket")
	b.picture("page-off")
	b.do(chromedp.Navigate("about:blank")) // the page would go on asking, as it should
	d.stop(t)

	d = s.start(t) // strace begins its file anew
	b.do(chromedp.Navigate(d.page(t)))
	b.becomes(headline + ` === "Usage statistics are off."`)
	sent = len(makers.received())
	time.Sleep(3*time.Second + settled) // several scrapes, for what must not come
	assert.Len(t, makers.received(), sent, "off survives a restart")
	assert.NotRegexp(t, opening, s.called(t))
	assert.NotRegexp(t, connect, s.called(t))

	b.do(chromedp.Click(chromedp.CSS("#choose-on")))
	b.becomes(headline + ` === "Usage statistics are on."`)
	makers.awaits(t, sent+2)
	b.becomes(`document.querySelectorAll("section[aria-labelledby=fields] tbody tr").length > 10`)

	for _, asked := range b.asked() {
		assert.Regexp(t, `^(http://127\.0\.0\.1:\d+/|data:,$|about:blank$)`, asked, "nothing from elsewhere")
	}
	assert.Empty(t, b.complaints(), "policy violations and script errors")
	s.ledgerEqualsWhatArrived(t, d, makers)
	d.stop(t)
}

func (s *site) called(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.calls)
	require.NoError(t, err)
	return string(text)
}

// instance is the id that the reports carry.
func (e *endpoint) instance(t *testing.T) string {
	t.Helper()
	return parseReport(t, e.received()[0].body).InstanceID
}

// ledgerEqualsWhatArrived downloads the ledger, and compares it byte for byte.
func (s *site) ledgerEqualsWhatArrived(t *testing.T, d *distribution, makers *endpoint) {
	t.Helper()
	page := d.page(t)
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		var arrived, kept []string
		for _, p := range makers.received() {
			arrived = append(arrived, p.header.Get("Idempotency-Key")+" "+p.body)
		}
		for _, e := range ledgerAt(t, page) {
			kept = append(kept, e.Key+" "+e.Body)
		}
		require.Equal(t, arrived, kept)
	}, patience, 50*time.Millisecond, "the ledger is not what arrived")
}

// Off and local, said by the configuration: the other ways to say it are tried beside the app's own switch.
func TestOffAndLocalByConfiguration(t *testing.T) {
	t.Parallel()
	for mode, reads := range map[string]bool{"off": false, "local": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newSite(newEndpoint(t), t)
			s.env["EXPLORER_COLLECT_ENDPOINT_URL"] = "https://collect.example.invalid/stat"
			s.calls = filepath.Join(t.TempDir(), "calls")
			s.more = []string{"--config", "yaml:extensions::headcount::mode: " + mode}
			d := s.start(t)
			d.says(t, "Everything is ready")
			if reads {
				awaitCalls(t, s.calls, opening)
			}
			time.Sleep(3*time.Second + settled) // several scrapes, for what must not come
			d.stop(t)
			assert.NotRegexp(t, connect, s.called(t), "connections and look-ups")
			assert.Equal(t, reads, opening.MatchString(s.called(t)), "whether the database is read")
			if !reads {
				assert.Empty(t, stateOf(t, s.env["HEADCOUNT_STATE_DIR"], ""), "nothing at all is written")
			}
		})
	}
}

func TestThePageInPictures(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	s.more = []string{"--config", strings.ReplaceAll(`yaml:
receivers: {appusage: {metrics: {LONG: {source: db, count: {table: no_such_table}}}}}
processors: {anonymizer: {metrics: {LONG: {round: {to: 10}}}}}
exporters: {collect: {stats: {LONG: {interval: 1h, value: {n: {metric: LONG}}}}}}`, "LONG", "a_name_without_a_place_to_break_at_that_could_not_be_read_"+strings.Repeat("x", 60))}
	d := s.start(t)
	makers.awaits(t, 6)
	b := newBrowser(t)
	for _, look := range []struct {
		name, scheme string
		width        int64
	}{{"page-light", "light", 1200}, {"page-dark", "dark", 1200}, {"page-390px", "light", 390}, {"page-390px-dark", "dark", 390}} {
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
		b.do(chromedp.EmulateViewport(look.width, 844), chromedp.Navigate(d.page(t)))
		value[bool](b, `[document.querySelector("details"), ...document.querySelector(".history").querySelectorAll("details:first-child, details:first-child details")].every(d => d.open = true)`)
		b.picture(look.name)
		assert.Empty(t, b.inaccessible(), look.name)
		assert.LessOrEqual(t, value[int64](b, `document.documentElement.scrollWidth`), look.width, "%s: nothing sticks out", look.name)
	}
	without, _, _ := strings.Cut(d.page(t), "?")
	b.do(chromedp.Navigate(without))
	b.picture("page-without-token")
	assert.Empty(t, b.inaccessible())
}

func TestThePageByKeyboard(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	d := newSite(makers, t).start(t)
	makers.awaits(t, 2)
	b := newBrowser(t)
	b.do(chromedp.Navigate(d.page(t)))
	b.becomes(`document.querySelector("details")`)
	var order []string
	for len(order) < 12 && (len(order) == 0 || !strings.HasPrefix(order[len(order)-1], "summary-")) {
		b.do(chromedp.KeyEvent(kb.Tab))
		order = append(order, value[string](b, `document.activeElement.id || document.activeElement.className || document.activeElement.textContent`))
	}
	assert.Equal(t, []string{"skip", "choose-off", "choose-local", "choose-on", "exact-summary-0"}, order[:5])
	assert.Contains(t, order, "Download all as JSON Lines")
	report := order[len(order)-1]
	assert.Contains(t, report, "summary-")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.becomes(`document.querySelector("details").open || document.querySelectorAll("details[open]").length === 1`)
	value[int](b, `window.reports = document.querySelectorAll("details").length`)
	b.becomes(`document.querySelectorAll("details").length > window.reports`) // the page has been brought up to date meanwhile
	assert.Equal(t, 1, value[int](b, `document.querySelectorAll("details[open]").length`), "what was open stays open")
	assert.Equal(t, report, value[string](b, `document.activeElement.id`), "and the keyboard is where it was")

	b.do(chromedp.Focus(chromedp.CSS("#choose-local")), chromedp.KeyEvent(kb.Enter))
	b.becomes(headline + ` === "Usage statistics stay local."`)
}

func TestThePageWithoutScript(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	d := newSite(makers, t).start(t)
	makers.awaits(t, 2)
	b := newBrowser(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(chromedp.Navigate(d.page(t)))
	text, err := chromedp.Run(b, chromedp.Text(chromedp.CSS("main")))
	require.NoError(t, err)
	for _, want := range []string{"Usage statistics are on", "1550", "1600", "STARTUP_STATS", "accepted"} {
		assert.Contains(t, text, want)
	}
	b.do(chromedp.Click(chromedp.CSS("#choose-off")))
	d.says(t, "Usage statistics are off")
}

// Another site's page, in the browser of somebody who even gave it the token, gets nothing.
func TestAnotherSiteGetsNothing(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	d := newSite(makers, t).start(t)
	makers.awaits(t, 2)
	page, err := url.Parse(d.page(t))
	require.NoError(t, err)
	origin, token := "http://"+page.Host, page.Query().Get("token")
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<iframe id="frame" src="%[1]s/?token=%[2]s"></iframe><img id="image" src="%[1]s/api/v1/fields?token=%[2]s">
			<form id="form" method="post" action="%[1]s/switch"><input name="token" value="%[2]s"><input name="mode" value="off"></form>`, origin, token)
	}))
	defer evil.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(evil.URL, "http://"), ":")
	b := newBrowser(t)
	b.do(chromedp.Navigate("http://localhost:" + port + "/")) // another site, and no address of ours
	for _, path := range []string{"/", "/api/v1/status", "/api/v1/fields?token=" + token, "/api/v1/ledger"} {
		assert.Equal(t, "refused", value[string](b, fmt.Sprintf(`fetch(%q).then(a => a.text(), () => "refused")`, origin+path)), path)
	}
	assert.Equal(t, "refused", value[string](b, fmt.Sprintf(`fetch(%q, {method: "POST", headers: {Authorization: %q, "Content-Type": "application/json"}, body: '{"mode":"off"}'}).then(a => a.text(), () => "refused")`,
		origin+"/api/v1/switch", "Bearer "+token)))
	assert.Contains(t, strings.Join(b.complaints(), "\n"), "frame-ancestors", "it is in no frame")
	b.do(chromedp.Submit(chromedp.CSS("#form")))
	b.becomes(`document.body && document.body.textContent.includes("Other sites may not ask here")`)
	b.do(chromedp.Navigate(page.String()))
	b.becomes(headline + ` === "Usage statistics are on."`)
}
