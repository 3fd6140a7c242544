// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The intervals of the two stats that the chaos reports.
const (
	onceInterval = time.Hour       // longer than the test: accepted once for each installation
	oftenRest    = 3 * time.Second // due again and again
)

var chaosInstallations = []string{"i-1", "i-2", "i-3", "i-4", "i-5"}

// TestDeliveryThroughChaos kills what delivers at random moments while its endpoint does whatever
// an endpoint can do: the Collector's exporter and the SDK's. In the end every stat that was due has
// been accepted, and none twice within its interval, counted by its Idempotency-Key.
//
// HEADCOUNT_CHAOS_SEED repeats a run's choices, HEADCOUNT_CHAOS_ROUNDS its length.
func TestDeliveryThroughChaos(t *testing.T) {
	seed, rounds := chaosNumber(t, "HEADCOUNT_CHAOS_SEED", rand.Uint64()), chaosNumber(t, "HEADCOUNT_CHAOS_ROUNDS", 200)
	if testing.Short() {
		rounds = min(rounds, 20)
	}
	t.Parallel()
	t.Logf("HEADCOUNT_CHAOS_SEED=%d HEADCOUNT_CHAOS_ROUNDS=%d", seed, rounds)
	for name, by := range map[string]func(t *testing.T, endpoint, state string) delivering{"collect": byCollector, "collectmetric": byGoProgram} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "collectmetric" && os.Getenv("HEADCOUNT_CHAOS_ROUNDS") == "" {
				rounds := min(rounds, 50) // its own package kills processes as well
				throughChaos(t, seed, rounds, by)
				return
			}
			throughChaos(t, seed, rounds, by)
		})
	}
}

func throughChaos(t *testing.T, seed, rounds uint64, by func(t *testing.T, endpoint, state string) delivering) {
	makers := newUnreliable(t, seed)
	moments := rand.New(rand.NewPCG(seed, 2))
	deliver := by(t, makers.URL(), t.TempDir())
	for range rounds {
		d := deliver(t)
		time.Sleep(time.Duration(moments.Int64N(int64(1200 * time.Millisecond)))) // it is killed at any moment of its work
		require.NoError(t, d.signal(syscall.SIGKILL))
		<-d.done
		require.NotContains(t, d.stderr.String(), "panic:", d.stderr.String())
		makers.comeBack(t)
	}
	t.Logf("after %d rounds: %s", rounds, makers)

	makers.calmDown()
	calm := time.Now()
	d := deliver(t)
	for _, installation := range chaosInstallations {
		require.Eventually(t, func() bool {
			once, often := makers.acceptances(installation, "ONCE"), makers.acceptances(installation, "OFTEN")
			return len(once) > 0 && len(often) > 0 && often[len(often)-1].After(calm)
		}, patience, 20*time.Millisecond, "%s: what was due has been accepted\n%s", installation, makers)
	}
	time.Sleep(2 * oftenRest) // whatever is still queued has its try
	d.stop(t)

	assert.Zero(t, makers.followed, "redirects that were followed")
	for _, installation := range chaosInstallations {
		assert.Len(t, makers.acceptances(installation, "ONCE"), 1, "%s: ONCE", installation)
		makers.acceptedOnceAnInterval(t, installation, "OFTEN", oftenRest)
	}
}

func chaosNumber(t *testing.T, variable string, otherwise uint64) uint64 {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	number, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return number
}

func chaosConfig(t *testing.T, endpoint, state, intake string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "chaos.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
extensions:
  file_storage: {directory: %q, create_directory: true, fsync: true}
receivers:
  otlp: {protocols: {http: {endpoint: %q}}}
processors:
  anonymizer:
    metrics:
      app.users: {round: {to: 5}}
    resource:
      service.instance.id: {keep: true}
exporters:
  collect:
    endpoint: %s
    timeout: 300ms
    storage: file_storage
    sending_queue: {storage: file_storage}
    retry_on_failure: {initial_interval: 20ms, max_interval: 200ms}
    stats:
      ONCE:  {interval: %s, value: {users: {metric: app.users}}}
      OFTEN: {interval: %s, value: {users: {metric: app.users}}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics: {receivers: [otlp], processors: [anonymizer], exporters: [collect]}
`, state, intake, endpoint, onceInterval, oftenRest), 0o644))
	return file
}

// feed plays the applications: one report of each installation after the other, whoever listens.
func feed(ctx context.Context, url string, installations ...string) {
	client := &http.Client{Timeout: 200 * time.Millisecond}
	defer client.CloseIdleConnections()
	for users := 0; ctx.Err() == nil; users++ {
		body := fmt.Sprintf(`{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":%q}}]},
			"scopeMetrics":[{"metrics":[{"name":"app.users","gauge":{"dataPoints":[{"asInt":"%d","timeUnixNano":"%d"}]}}]}]}]}`,
			installations[users%len(installations)], users, time.Now().UnixNano())
		if resp, err := client.Post(url, "application/json", bytes.NewReader([]byte(body))); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		time.Sleep(10 * time.Millisecond) // the application's own pace
	}
}
