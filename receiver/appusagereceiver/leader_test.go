// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

const led = orders + "leader: db\n"

// tick is the replicas' interval.
const tick = 500 * time.Millisecond

// TestReplica is no test: it is a collector of its own, in a process of its own, that prints a line for each scrape.
func TestReplica(t *testing.T) {
	if os.Getenv("HEADCOUNT_REPLICA") == "" {
		t.SkipNow()
	}
	cfg := fromYAML(t, led)
	cfg.InitialDelay, cfg.CollectionInterval, cfg.Timeout = 0, tick, 10*time.Second
	set := receivertest.NewNopSettings(metadata.Type)
	set.ID = component.NewID(metadata.Type)
	next, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error {
		_, err := fmt.Println("scraped")
		return err
	})
	require.NoError(t, err)
	r, err := newReceiver(set, cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	_, _ = io.Copy(io.Discard, os.Stdin)
	require.NoError(t, r.Shutdown(context.Background()))
}

// replica is a process; its end closes done.
type replica struct {
	cmd  *exec.Cmd
	said bytes.Buffer
	done chan struct{}
}

func newReplica(t *testing.T, n int, url string, scrapes chan<- int) *replica {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestReplica$")
	cmd.Env = append(os.Environ(), "HEADCOUNT_REPLICA=1", "SHOP_URL="+url)
	_, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	r := &replica{cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = &r.said
	require.NoError(t, cmd.Start())
	go func() {
		defer close(r.done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == "scraped" {
				scrapes <- n
			}
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(r.kill)
	return r
}

func (r *replica) kill() {
	_ = r.cmd.Process.Kill()
	<-r.done
}

// await is the replica that scrapes next. Where there is none, it asks each replica what it waits for.
func await(t *testing.T, scrapes <-chan int, replicas map[int]*replica) int {
	t.Helper()
	select {
	case next := <-scrapes:
		return next
	case <-time.After(2 * time.Minute):
		for n, r := range replicas {
			_ = r.cmd.Process.Signal(syscall.SIGQUIT)
			<-r.done
			t.Logf("replica %d:\n%s", n, r.said.String())
		}
		require.FailNow(t, "nobody scrapes")
		return 0
	}
}

func TestOneReplicaScrapes(t *testing.T) {
	urls := map[string]func(t *testing.T) string{
		"sqlite": func(t *testing.T) string {
			path, db := newShop(t)
			run(t, db, "CREATE VIEW x AS SELECT 1")
			moved := filepath.Join(t.TempDir(), "shop.sqlite3")
			require.NoError(t, os.Rename(path, moved))
			return "sqlite:///" + moved
		},
	}
	for _, kind := range servers {
		urls[kind.Name] = func(t *testing.T) string {
			server := kind.Shared(t)
			name, db := server.Database(t)
			run(t, db, "CREATE TABLE orders (id int)")
			return server.URL(dbtest.Reader, name)
		}
	}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			url := url(t)
			scrapes := make(chan int, 1000)
			replicas := map[int]*replica{}
			for n := range 3 {
				replicas[n] = newReplica(t, n, url, scrapes)
			}
			leader := await(t, scrapes, replicas)
			for range 30 {
				next := await(t, scrapes, replicas)
				assert.Equal(t, leader, next, "another replica scraped too")
			}
			for n := 3; n < 13; n++ {
				replicas[leader].kill()
				delete(replicas, leader)
				// What the leader still did before its end.
				for len(scrapes) > 0 {
					<-scrapes
				}
				next := await(t, scrapes, replicas)
				assert.NotEqual(t, leader, next)
				leader = next
				replicas[n] = newReplica(t, n, url, scrapes)
				assert.Equal(t, leader, await(t, scrapes, replicas))
			}
		})
	}
}

// electing is a leader elector in a test's hand.
type electing struct {
	component.StartFunc
	component.ShutdownFunc
	start func(context.Context)
	stop  func()
}

func (e *electing) SetCallBackFuncs(start func(context.Context), stop func()) {
	e.start, e.stop = start, stop
}

func TestElectorExtension(t *testing.T) {
	newShop(t)
	cfg := fromYAML(t, shop)
	cfg.Leader = "elector/k8s"
	b := newBench(t, cfg, t.TempDir(), trusttest.NewExtension(trust.On))
	e := &electing{}
	b.host.WithExtension(component.MustNewIDWithName("elector", "k8s"), e)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	defer b.shutdown()
	b.ticks <- b.zero()
	assert.Empty(t, b.sink.AllMetrics())
	e.start(t.Context())
	assert.Equal(t, int64(3), figures(b.scrapes())["shop.orders"])
	e.stop()
	// A scrape that began before the election may still have come; none that begins now.
	b.ticks <- b.zero()
	b.ticks <- b.zero()
	came := len(b.sink.AllMetrics())
	b.ticks <- b.zero()
	b.ticks <- b.zero()
	assert.Len(t, b.sink.AllMetrics(), came)
}

func TestLeaderThatIsNone(t *testing.T) {
	newShop(t)
	for leader, message := range map[string]string{
		"elector":      `leader: extension "elector" is not running`,
		"file_storage": `leader: extension "file_storage" elects no leader`,
	} {
		cfg := fromYAML(t, shop)
		cfg.Leader = leader
		b := newBench(t, cfg, t.TempDir(), trusttest.NewExtension(trust.On))
		assert.ErrorContains(t, b.receiver.Start(t.Context(), b.host), message)
		b.shutdown()
	}
}
