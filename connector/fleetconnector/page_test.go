// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// The page shows what is told, of each day, and nothing else; it is served and written alike.
func TestPage(t *testing.T) {
	address, folder, published := porttest.Address(t), t.TempDir(), t.TempDir()
	configure := func(cfg *Config) {
		server := confighttp.NewDefaultServerConfig()
		server.NetAddr.Endpoint = address
		cfg.Page = configoptional.Some(Page{Server: configoptional.Some(server), Directory: published, Title: "</script>The shop"})
		cfg.Metrics = numberRules{"x": {Unit: "{order}", Description: "Orders.", Bounds: []int64{0, 1, 6}}, "bit": {OneBit: oneBitOf(10)}}
		cfg.Resource = textRules{"v": {}}
	}
	get := func(path string) (string, http.Header) {
		response, err := http.Get("http://" + address + path)
		require.NoError(t, err)
		defer response.Body.Close()
		defer http.DefaultClient.CloseIdleConnections()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		return string(body), response.Header
	}
	life(t, folder, configure, func(r *rig) {
		none, _ := get("/figures.json")
		assert.Contains(t, none, `"days":[]`, "before the first report, too, there is a page")
		r.at = r.at.Add(-24 * time.Hour)
		for i := range 30 {
			r.hear(fmt.Sprint("canary-", i), "x", i%8, "bit", i%2, "v", fmt.Sprint("5.", i%2), "canary.attribute", "canary")
		}
		r.told()
		r.at = r.at.Add(24 * time.Hour)
		r.hear("canary-0", "x", 3)
		r.told()
	})
	life(t, folder, configure, func(*rig) {
		html, header := get("/")
		assert.NotContains(t, html, "canary")
		assert.NotContains(t, html, "</script>The shop", "no text ends the script that holds it")
		assert.NotContains(t, strings.ReplaceAll(html, "http://www.w3.org/2000/svg", ""), "http", "nothing from elsewhere")
		assert.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'")
		data, _ := get("/figures.json")
		var s, charts shown
		require.NoError(t, json.Unmarshal([]byte(data), &s))
		_, rest, _ := strings.Cut(html, `<script id="data" type="application/json">`)
		require.NoError(t, json.NewDecoder(strings.NewReader(rest)).Decode(&charts))
		assert.Equal(t, s.Figures, charts.Figures)
		assert.Equal(t, s.Days[1], charts.Days[1], "the last day is there whole, and of the others what charts draw")
		assert.Contains(t, charts.Days[0].Points, point{"fleet.v.installation.count", "5.0", 15})
		for _, p := range charts.Days[0].Points {
			assert.NotRegexp(t, `\.(sum|distribution)$`, p.Name)
		}
		assert.Len(t, s.Figures, 3)
		require.Len(t, s.Days, 2, "a restart keeps the days")
		assert.Contains(t, s.Days[0].Points, point{"fleet.installation.count", "", 30})
		assert.Contains(t, s.Days[1].Points, point{"fleet.v.installation.count", "5.0", 15})
		assert.Contains(t, s.Days[1].Points, point{"fleet.x.distribution", "up to 0", 3})
		for _, name := range []string{"index.html", "figures.json", "figures/installations.json", s.Figures[0].File, s.Figures[1].File, s.Figures[2].File} {
			content, err := os.ReadFile(filepath.Join(published, name))
			require.NoError(t, err)
			served, _ := get("/" + name)
			assert.Equal(t, served, string(content))
		}
		var x figureOverTime
		alone, _ := get("/figures/x.json")
		require.NoError(t, json.Unmarshal([]byte(alone), &x))
		assert.Equal(t, "Orders.", x.Description)
		require.Len(t, x.Days, 2)
		assert.Contains(t, x.Days[1].Points, point{"fleet.x.distribution", "up to 0", 3})
		for _, p := range x.Days[1].Points {
			assert.Contains(t, p.Name, "fleet.x.")
		}
	})
}

// Two years are as many days on the page as a chart can show, the last one among them.
func TestTwoYearsAreFewDaysOnThePage(t *testing.T) {
	for _, n := range []int{0, 1, 199, 200, 201, 202, 400, 401, historyDays} {
		days := make([]day, n)
		for i := range days {
			days[i].Date = fmt.Sprint(i)
		}
		few := charted(days)
		assert.LessOrEqual(t, len(few), maxCharted, "%d days", n)
		assert.GreaterOrEqual(t, len(few), min(n, maxCharted/2), "%d days", n)
		if n > 0 {
			assert.Equal(t, days[n-1], few[len(few)-1])
		}
	}
}

// Each figure has a file of its own, whatever its name is.
func TestFilesOfFigures(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range [][2]string{
		{"shop.orders", "figures/shop.orders.json"},
		{"Shop.Orders", "figures/shop.orders-2.json"},
		{"../../etc/passwd", "figures/.._.._etc_passwd.json"},
		{"größe", "figures/gr__e.json"},
		{"a?b#c", "figures/a_b_c.json"},
	} {
		assert.Equal(t, c[1], fileFor(c[0], taken))
	}
}
