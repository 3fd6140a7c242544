// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/state"
)

// fleetPage is the makers' side of testdata/fleet.yaml, and what its page tells.
type fleetPage struct {
	*distribution
	collect, page, prometheus string
}

func startFleetPage(t *testing.T, folder, refresh string) fleetPage {
	t.Helper()
	collect, page, prometheus := porttest.Address(t), porttest.Address(t), porttest.Address(t)
	profile, err := filepath.Abs("testdata/fleet.yaml")
	require.NoError(t, err)
	d := startCommand(t, environment{
		"HEADCOUNT_STATE_DIR": filepath.Join(folder, "state"), "HEADCOUNT_COLLECT_ENDPOINT": collect,
		"HEADCOUNT_PROMETHEUS_ENDPOINT": prometheus, "HEADCOUNT_FLEET_PAGE": page,
	}, makersProgram(), "--config", "file:"+profile, "--config", "app:makers", "--set", "connectors::fleet::interval=200ms",
		"--set", "connectors::fleet::refresh="+refresh, "--set", "connectors::fleet::page::directory="+filepath.Join(folder, "public"))
	d.says(t, "Everything is ready")
	return fleetPage{d, "http://" + collect + "/stat", "http://" + page, "http://" + prometheus + "/metrics"}
}

// toldOn is what the page's JSON has of a day.
type toldOn struct {
	Date   string `json:"date"`
	Points []struct {
		Name  string  `json:"name"`
		Label string  `json:"label,omitempty"`
		Value float64 `json:"value"`
	} `json:"points"`
}

func (f fleetPage) figures(t require.TestingT) (days []toldOn) {
	response, err := http.Get(f.page + "/figures.json")
	require.NoError(t, err)
	defer response.Body.Close()
	var all struct {
		Days []toldOn `json:"days"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&all))
	return all.Days
}

// A maker's profile alone makes a page that somebody who reports can read: in a real browser, on a
// telephone and on a desk, by day and by night, with nothing from elsewhere and no fault that axe finds.
func TestTheFleetsPage(t *testing.T) {
	const fleet = 150
	folder := t.TempDir()
	first := startFleetPage(t, folder, "200ms")
	for i := range fleet {
		seats, users, layout := i%2, `{"free":20,"pro":5}`, "wide"
		if i%5 == 0 {
			users, layout = `{"free":10}`, "narrow"
		}
		if i%7 == 0 {
			users = "{}"
		}
		body := fmt.Sprintf(`{"instanceId":"installation %d","time":%d,"name":"WEEKLY","value":{"entries":%d,"authors":%d,"seats":%d,"plugins":%d,"users":%s,"tries":{"free":%d,"pro":%d},"version":"5.%d","layout":%q,"beta":%q}}`,
			i, time.Now().Unix(), i*10%900, []int{0, 1, 6, 21, 101}[i%5], seats, i*7%10/4%2, users, i%3%2, i%4/3, 3-i%10/5-i%10/8, layout, []string{"100", "010", "001"}[i%3])
		response, err := http.Post(first.collect, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", answer)
	}
	var today toldOn
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		days := first.figures(t)
		require.NotEmpty(t, days, "nothing has been told yet")
		today = days[len(days)-1]
		require.NotEmpty(t, today.Points)
		require.InDelta(t, fleet, today.Points[0].Value, 0)
	}, patience, 100*time.Millisecond)
	first.stop(t)
	before(t, filepath.Join(folder, "state"), today)
	f := startFleetPage(t, folder, "24h")
	require.Len(t, f.figures(t), 61)

	f.hasADashboard(t, folder)

	b := newBrowser(t)
	for _, look := range []struct {
		name, scheme string
		width        int64
	}{{"fleet-light", "light", 1280}, {"fleet-dark", "dark", 1280}, {"fleet-390px", "light", 390}, {"fleet-390px-dark", "dark", 390}} {
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
		b.do(chromedp.EmulateViewport(look.width, 844), chromedp.Navigate(f.page))
		b.becomes(`document.querySelector("main section")`)
		b.picture(look.name)
		if (look.scheme == "dark") == (look.width == 390) {
			assert.Empty(t, b.inaccessible(), look.name)
		}
		assert.LessOrEqual(t, value[int64](b, `document.documentElement.scrollWidth`), look.width, "%s: nothing sticks out", look.name)
	}
	text := value[string](b, `document.body.innerText`)
	for _, want := range []string{
		"How guestbook is used", "We ask how large guestbooks are", "150 installations report", "50 % service.version is 5.3",
		"Entries of all time: how much a guestbook has to hold.", "said nothing", "Tries by plan", "Not told: fewer than 10 installations say this", "with 95 %",
	} {
		assert.Contains(t, strings.ReplaceAll(text, "\u00a0", " "), want) // a number and its % stay on one line
	}
	assert.GreaterOrEqual(t, value[int](b, `document.querySelectorAll("svg path").length`), 8)
	for _, asked := range b.asked() {
		assert.True(t, strings.HasPrefix(asked, f.page), "nothing from elsewhere: %s", asked)
	}
	assert.Empty(t, b.complaints())
	links := value[[]string](b, `[...document.querySelectorAll("a")].map(a => a.getAttribute("href"))`)
	assert.Len(t, links, 2+10, "JSON beside each chart")
	for _, link := range links {
		response, err := http.Get(f.page + "/" + link)
		require.NoError(t, err)
		served, err := io.ReadAll(response.Body)
		response.Body.Close()
		require.NoError(t, err)
		written, err := os.ReadFile(filepath.Join(folder, "public", link))
		require.NoError(t, err)
		assert.True(t, json.Valid(served), link)
		assert.True(t, string(written) == string(served), "%s is written as it is served", link)
		assert.NotContains(t, string(served), "installation 1", "no id")
	}

	// The static files are the same page.
	b.do(chromedp.Navigate("file://" + filepath.Join(folder, "public", "index.html")))
	assert.Equal(t, text, value[string](b, `document.body.innerText`))
}

// hasADashboard: what the command writes for the profile has each metric that the fleet tells, by its name.
func (f fleetPage) hasADashboard(t *testing.T, folder string) {
	t.Helper()
	out, err := exec.Command(makersProgram(), "dashboard", "--config", "file:testdata/fleet.yaml", "--out", folder).CombinedOutput()
	require.NoError(t, err, "%s", out)
	asked := ""
	for _, name := range []string{"dashboard.json", "alerts.yaml"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		asked += string(text)
	}
	var told [][]string
	require.Eventually(t, func() bool {
		response, err := http.Get(f.prometheus)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		told = regexp.MustCompile(`(?m)^# TYPE (fleet_\S+)`).FindAllStringSubmatch(string(text), -1)
		return len(told) > 15
	}, patience, 100*time.Millisecond)
	for _, name := range told {
		assert.Regexp(t, `\b`+name[1]+`(_bucket)?\b`, asked)
	}
}

// before gives the fleet sixty days that were, in which it grew to what it tells today.
func before(t *testing.T, folder string, today toldOn) {
	t.Helper()
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = folder
	ext, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	client, err := ext.(storage.Extension).GetClient(t.Context(), component.KindConnector, component.MustNewID("fleet"), "")
	require.NoError(t, err)
	store := state.Over(client)
	for back := 60; back > 0; back-- {
		day := toldOn{}
		for _, p := range today.Points {
			part := float64(100-back) / 100
			switch {
			case p.Label == "5.3" && back > 40:
				continue
			case p.Label == "5.3":
				part *= float64(40-back) / 40
			case strings.HasSuffix(p.Name, ".count"):
			default:
				part = 1 - part*0.1
			}
			p.Value *= part
			day.Points = append(day.Points, p)
		}
		date := time.Now().UTC().AddDate(0, 0, -back).Format(time.DateOnly)
		require.NoError(t, store.Save(t.Context(), "history/"+date, 1, day.Points))
	}
	require.NoError(t, store.Close(context.Background()))
	require.NoError(t, ext.Shutdown(context.Background()))
}
