// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// A report of one installation, made up; the newer of its two counts.
type madeUp struct {
	installation int
	newer        bool
}

func (m madeUp) orders() int {
	if m.newer {
		return m.installation * 7 % 1500
	}
	return 1_000_000
}

func (m madeUp) body(now time.Time) string {
	at := now.Add(-48 * time.Hour)
	if m.newer {
		at = now.Add(-24 * time.Hour)
	}
	return fmt.Sprintf(`{"instanceId":"installation %d","time":%d,"name":"WEEKLY","value":{"orders":%d,"seats":%d,"sizes":{"10":%d,"+Inf":%d},"users":{"free":%d,"pro":%d},"beta":%t,"version":"5.%d"}}`,
		m.installation, at.Unix(), m.orders(), m.installation%2, m.installation%4, m.installation%2, m.installation%10, m.installation%3, m.installation%3 > 0, m.installation%4)
}

// send posts a report as our exporter does: under one key, until it is accepted.
func (s *several) send(m madeUp, now time.Time, slowest *sync.Map) {
	for {
		request, _ := http.NewRequest(http.MethodPost, "http://"+s.collect+"/stat", strings.NewReader(m.body(now)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", fmt.Sprintf("%d-%t", m.installation, m.newer))
		begun := time.Now()
		response, err := http.DefaultClient.Do(request)
		if err != nil { // the receiver is down
			time.Sleep(100 * time.Millisecond) // an installation waits before it tries again
			continue
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		slowest.Store(time.Since(begun).Round(100*time.Millisecond), response.StatusCode)
		if response.StatusCode == http.StatusOK {
			return
		}
		time.Sleep(200 * time.Millisecond) // likewise
	}
}

// Through kills of each of them, receivers, Kafka, the fleet and ClickHouse lose no report and count none
// twice; and the fleet connector and ClickHouse's SQL tell the same figures.
func TestSeveralMachines(t *testing.T) {
	const installations = 25_000 // two reports of each
	s := newSeveral(t)
	now := time.Now()
	reports := make([]madeUp, 0, 2*installations)
	for i := range installations {
		reports = append(reports, madeUp{i, false}, madeUp{i, true})
	}
	random := rand.New(rand.NewPCG(20, 20))
	random.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })

	var answers sync.Map
	work := make(chan madeUp)
	var senders sync.WaitGroup
	for range 64 {
		senders.Go(func() {
			for m := range work {
				s.send(m, now, &answers)
			}
		})
	}
	victims := []string{"receive", "fleet", "kafka", "store", "fleet", "receive"}
	for at, m := range reports {
		if step := len(reports) / (len(victims) + 1); at%step == step-1 && at/step < len(victims) {
			victim := victims[at/step]
			t.Logf("killing %s after %d reports", victim, at)
			s.kill(victim)
			time.AfterFunc(time.Duration(random.IntN(3000))*time.Millisecond, func() { s.start(victim) })
		}
		work <- m
	}
	close(work)
	senders.Wait()
	slowest := time.Duration(0)
	answers.Range(func(took, _ any) bool {
		slowest = max(slowest, took.(time.Duration))
		// The receiver answers after three seconds; the rest is for a machine that runs all of this at once.
		assert.Less(t, took.(time.Duration), 20*time.Second, "every sender has an answer")
		return true
	})

	t.Logf("the slowest answer took %s, all of them %s", slowest, time.Since(now))

	sum := 0
	for i := range installations {
		sum += madeUp{i, true}.orders()
	}
	told := map[string]float64{}
	require.Eventually(t, func() bool {
		told = s.told()
		return told["fleet_installation_count"] == installations && told["fleet_shop_orders_sum"] == float64(sum)
	}, 3*time.Minute, time.Second, "%v of %d installations, a sum of %v of %d", &told, installations, told["fleet_shop_orders_sum"], sum)
	require.Eventually(t, func() bool {
		return number(s.ask("SELECT count() AS n FROM usage.reports FINAL")[0]["n"]) == 2*4*installations
	}, 5*time.Minute, time.Second, "each report is four rows, each once")
	require.Eventually(t, func() bool {
		return number(s.ask("SELECT count() AS n FROM usage.histograms FINAL")[0]["n"]) == 2*installations
	}, 5*time.Minute, time.Second, "and a histogram")

	row := s.figure("installations")[0]
	assert.InDelta(t, told["fleet_installation_count"], number(row["installations"]), 0)
	assert.InDelta(t, told["fleet_installation_returning_count"], number(row["returning"]), 0)
	row = s.figure("sums")[0]
	assert.InDelta(t, told["fleet_shop_orders_sum"], number(row["total"]), 0)
	assert.InDelta(t, told["fleet_shop_orders_mean"], number(row["mean"]), 1e-9)
	before := map[string]string{"10": "0", "100": "10", "1000": "100", "+Inf": "1000"}
	for _, row := range s.figure("ranges") {
		upper := row["upper"].(string)
		to, has := told[fmt.Sprintf("fleet_shop_orders_distribution_bucket{le=%q}", upper)]
		from, begins := told[fmt.Sprintf("fleet_shop_orders_distribution_bucket{le=%q}", before[upper])]
		if has && begins { // else the fleet joined it with a neighbour of few
			assert.InDelta(t, to-from, number(row["installations"]), 0, upper)
		}
	}
	for _, row := range s.figure("groups") {
		group := fmt.Sprintf("{plan=%q}", row["plan"])
		assert.InDelta(t, told["fleet_shop_users_installation_count"+group], number(row["installations"]), 0)
		assert.InDelta(t, told["fleet_shop_users_sum"+group], number(row["total"]), 0)
		assert.InDelta(t, told["fleet_shop_users_mean"+group], number(row["mean"]), 1e-9)
	}
	histogram := s.figure("histogram")
	require.Len(t, histogram, 2)
	for _, row := range histogram {
		total := told[fmt.Sprintf("fleet_shop_sizes_distribution_bucket{le=%q}", row["upper"])]
		if row["upper"] == "+Inf" {
			total -= told[`fleet_shop_sizes_distribution_bucket{le="10"}`]
		}
		assert.InDelta(t, total, number(row["total"]), 0, "%v", row)
	}
	for _, row := range s.figure("values") {
		assert.InDelta(t, told[fmt.Sprintf("fleet_service_version_installation_count{service_version=%q}", row["version"])], number(row["installations"]), 0)
	}
	row = s.figure("one_bit")[0]
	assert.InDelta(t, told["fleet_shop_seats_mean"], number(row["mean"]), 1e-6)
	assert.InDelta(t, told["fleet_shop_seats_mean_low"], number(row["mean_low"]), 1e-5)
	assert.InDelta(t, told["fleet_shop_seats_mean_high"], number(row["mean_high"]), 1e-5)
	row = s.figure("randomized_response")[0]
	assert.InDelta(t, told["fleet_shop_beta_share_ratio"], number(row["share"]), 1e-9)
	assert.InDelta(t, told["fleet_shop_beta_share_low_ratio"], number(row["share_low"]), 1e-8)
	assert.InDelta(t, told["fleet_shop_beta_share_high_ratio"], number(row["share_high"]), 1e-8)

	// A second fleet of the same name does not start; one of its own tells the same.
	s.env["HEADCOUNT_PROMETHEUS_ENDPOINT"] = porttest.Address(t)
	second := startCommand(t, s.env, s.commands["fleet"]...)
	second.ends(t)
	require.Error(t, second.err)
	s.kill("fleet")
	s.env["HEADCOUNT_PROMETHEUS_ENDPOINT"] = s.prometheus
	s.env["HEADCOUNT_FLEET"] = "spare"
	s.start("fleet")
	require.Eventually(t, func() bool {
		spare := s.told()
		return spare["fleet_installation_count"] == installations && spare["fleet_shop_orders_sum"] == float64(sum)
	}, 3*time.Minute, time.Second)
}

// told is what Prometheus would scrape of the fleet.
func (s *several) told() map[string]float64 {
	all := map[string]float64{}
	response, err := http.Get("http://" + s.prometheus + "/metrics")
	if err != nil {
		return all
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	for _, line := range regexp.MustCompile(`(?m)^(fleet_\S+) (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		all[line[1]], _ = strconv.ParseFloat(line[2], 64)
	}
	return all
}

// number is one of ClickHouse's, which writes whole ones of 64 bits as text.
func number(value any) float64 {
	switch value := value.(type) {
	case float64:
		return value
	case string:
		n, _ := strconv.ParseFloat(value, 64)
		return n
	default:
		return 0
	}
}
