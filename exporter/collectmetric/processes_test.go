// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// childOf tells the test's own program that it is a process of the application: the endpoint's URL.
	childOf    = "COLLECTMETRIC_TEST_ENDPOINT"
	childState = "COLLECTMETRIC_TEST_STATE"

	shortInterval = 500 * time.Millisecond
)

// child is one process of an application, until it is killed.
func child(url, dir string) {
	t := &testing.T{}
	a := newApp(t, shop(url, dir, WithStat("OFTEN", shortInterval, Field{Key: "orders", Metric: "shop.orders"}),
		WithTimeout(200*time.Millisecond), WithRetry(RetryConfig{InitialInterval: 10 * time.Millisecond, MaxInterval: 50 * time.Millisecond}))...)
	for {
		a.order(1)
		a.export(t)
		time.Sleep(5 * time.Millisecond)
	}
}

// counting accepts each Idempotency-Key once, and answers as endpoints do: not always, and not always the truth.
type counting struct {
	mu       sync.Mutex
	random   *rand.Rand
	keys     map[string]bool
	accepted map[string][]time.Time // by stat
}

func (c *counting) answer(stat, key string) http.HandlerFunc {
	c.mu.Lock()
	defer c.mu.Unlock()
	mood := c.random.IntN(6)
	if mood <= 3 && !c.keys[key] {
		c.keys[key] = true
		c.accepted[stat] = append(c.accepted[stat], time.Now())
	}
	switch mood {
	case 0, 1, 4:
		if mood == 4 {
			return status(http.StatusBadGateway)
		}
		return status(http.StatusOK)
	case 2: // accepted, and the answer is lost
		return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	case 3: // accepted, and the answer comes too late
		return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	default:
		return status(http.StatusServiceUnavailable)
	}
}

func (c *counting) times(stat string) []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Time(nil), c.accepted[stat]...)
}

// Three processes share a state directory, and each is killed again and again: one stat an interval.
func TestProcessesThatDieShareOneState(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	makers, dir := newMakers(t), t.TempDir()
	count := &counting{random: rand.New(rand.NewPCG(seed, 1)), keys: map[string]bool{}, accepted: map[string][]time.Time{}}
	makers.answers(func(w http.ResponseWriter, r *http.Request) {
		posts := makers.received()
		name := ""
		for _, p := range posts {
			if p.header.Get("Idempotency-Key") == r.Header.Get("Idempotency-Key") {
				name = p.stat.Name
			}
		}
		count.answer(name, r.Header.Get("Idempotency-Key"))(w, r)
	})
	begin := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0]) //nolint:gosec // itself
		cmd.Env = append(os.Environ(), childOf+"="+makers.URL, childState+"="+dir)
		require.NoError(t, cmd.Start())
		return cmd
	}
	end := func(cmd *exec.Cmd) {
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
	}
	processes := []*exec.Cmd{begin(), begin(), begin()}
	defer func() {
		for _, p := range processes {
			end(p)
		}
	}()
	random := rand.New(rand.NewPCG(seed, 2))
	for range 30 {
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		which := random.IntN(len(processes))
		end(processes[which])
		processes[which] = begin()
	}
	require.Eventually(t, func() bool { return len(count.times("WEEKLY")) > 0 && len(count.times("OFTEN")) > 2 }, time.Minute, 20*time.Millisecond)

	assert.Len(t, count.times("WEEKLY"), 1)
	often := count.times("OFTEN")
	t.Logf("%d reports accepted", len(often))
	for i := 1; i < len(often); i++ {
		assert.GreaterOrEqual(t, often[i].Sub(often[i-1]), shortInterval-shortInterval/100)
	}
}
