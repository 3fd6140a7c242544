// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package oblivious measures what Oblivious HTTP costs: the same reports by the collect
// exporter to the collect receiver over loopback, encapsulated and in plain HTTP. The
// receiver is a process of its own, so that each side's processor time is known.
package oblivious

import (
	"bufio"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/bench/race"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	headcount "github.com/headcount-otel/headcount/oblivious"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

const (
	concurrency = 10
	lap         = 2000
	// keyFiles tells this program that it is the receiver.
	keyFiles = "BENCH_OBLIVIOUS_KEYS"
)

func TestMain(m *testing.M) {
	if keys := os.Getenv(keyFiles); keys != "" {
		receive(filepath.SplitList(keys))
		return
	}
	os.Exit(m.Run())
}

func stats() map[string]any {
	value := map[string]any{}
	for i := range 6 {
		value[fmt.Sprintf("metric_%d", i)] = map[string]any{"metric": fmt.Sprintf("app.metric.%d", i)}
		value[fmt.Sprintf("attribute_%d", i)] = map[string]any{"resource": fmt.Sprintf("app.attribute.%d", i)}
	}
	return map[string]any{"STARTUP_STATS": map[string]any{"interval": "168h", "value": value}}
}

// receive serves, tells its address, and for each line that it reads what processor time it took.
func receive(keys []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	address := listener.Addr().String()
	check(listener.Close())
	factory := collectreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig()
	check(confmap.NewFromStringMap(map[string]any{
		"endpoint": address, "stats": stats(), "oblivious": map[string]any{"key_files": keys},
	}).Unmarshal(cfg))
	r, err := factory.CreateMetrics(context.Background(), receivertest.NewNopSettings(factory.Type()), cfg, consumertest.NewNop())
	check(err)
	check(r.Start(context.Background(), componenttest.NewNopHost()))
	fmt.Println(address)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var used syscall.Rusage
		check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
		fmt.Println(used.Utime.Nano() + used.Stime.Nano())
	}
	check(r.Shutdown(context.Background()))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// mechanisms are those that a key can be made for, each with its key's number in the receiver.
var mechanisms = []struct {
	name string
	id   byte
	kem  uint16
}{{"p-256", 1, headcount.P256}, {"x25519", 2, headcount.X25519}, {"x-wing", 3, headcount.XWing}}

// receiver is the other process.
type receiver struct {
	address string
	// keys are the public ones, by mechanism.
	keys map[string]string
	in   io.Writer
	out  *bufio.Reader
}

func newReceiver(b *testing.B) *receiver {
	r := &receiver{keys: map[string]string{}}
	var files []string
	for _, m := range mechanisms {
		key, err := headcount.GenerateKey(m.id, m.kem)
		require.NoError(b, err)
		text, err := key.MarshalText()
		require.NoError(b, err)
		file := filepath.Join(b.TempDir(), m.name)
		require.NoError(b, os.WriteFile(file, text, 0o600))
		files = append(files, file)
		r.keys[m.name] = headcount.KeysText(&key.PublicKey)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), keyFiles+"="+strings.Join(files, string(filepath.ListSeparator)))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	r.in, r.out = in, bufio.NewReader(out)
	r.address = r.line(b)
	return r
}

func (r *receiver) line(b *testing.B) string {
	line, err := r.out.ReadString('\n')
	require.NoError(b, err)
	return strings.TrimSpace(line)
}

func (r *receiver) processor(b *testing.B) (used time.Duration) {
	_, err := fmt.Fprintln(r.in, "cpu")
	require.NoError(b, err)
	_, err = fmt.Sscan(r.line(b), &used)
	require.NoError(b, err)
	return used
}

// BenchmarkOblivious compares reports under a key of each mechanism with plain HTTP, and reports
// beside the sender's figures, for NAME of each:
//   - receiver-NAME-ns/report: the receiver's processor time,
//   - sender-NAME-reports/core-s: how many encapsulated reports a core sends in a second,
//   - sender-NAME-of-agreement: the sender's processor time for a report, as a multiple of what its
//     encapsulation cannot do without: an ephemeral key and one agreement (of the curves alone).
func BenchmarkOblivious(b *testing.B) {
	r := newReceiver(b)
	sides := map[string]*side{"plain": {}}
	var contenders []race.Contender
	for _, m := range mechanisms {
		sides[m.name] = &side{}
		contenders = append(contenders, sending(b, r, m.name, sides[m.name], map[string]any{"relay": "http://" + r.address + "/oblivious", "keys": r.keys[m.name]}))
	}
	race.Run(b, lap, "report", sending(b, r, "plain", sides["plain"], nil), contenders...)
	for name, s := range sides {
		b.ReportMetric(s.receiver(), "receiver-"+name+"-ns/report")
		if name != "plain" {
			b.ReportMetric(float64(s.reports)/s.sent.Seconds(), "sender-"+name+"-reports/core-s")
		}
	}
	for name, curve := range map[string]ecdh.Curve{"p-256": ecdh.P256(), "x25519": ecdh.X25519()} {
		s := sides[name]
		b.ReportMetric(s.sent.Seconds()/float64(s.reports)/agreement(b, curve).Seconds(), "sender-"+name+"-of-agreement")
	}
}

// agreement is the processor time of one encapsulation's work on the curve alone.
func agreement(b *testing.B, curve ecdh.Curve) time.Duration {
	peer, err := curve.GenerateKey(rand.Reader)
	require.NoError(b, err)
	begun := ownProcessor()
	for range lap {
		own, err := curve.GenerateKey(rand.Reader)
		require.NoError(b, err)
		_, err = own.ECDH(peer.PublicKey())
		require.NoError(b, err)
	}
	return (ownProcessor() - begun) / lap
}

// side is what both processes took for one of the contenders.
type side struct {
	reports        int
	sent, received time.Duration
}

func (s *side) receiver() float64 { return float64(s.received) / float64(s.reports) }

func sending(b *testing.B, r *receiver, name string, took *side, through map[string]any) race.Contender {
	factory := collectexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*collectexporter.Config)
	settings := map[string]any{"endpoint": "http://" + r.address + "/stat", "require_anonymizer": false, "stats": stats()}
	if through != nil {
		settings["oblivious"] = through
	}
	require.NoError(b, confmap.NewFromStringMap(settings).Unmarshal(cfg))
	cfg.SendingQueue = configoptional.None[exporterhelper.QueueBatchConfig]()
	cfg.RetryOnFailure.Enabled = false
	sender, err := factory.CreateMetrics(context.Background(), exportertest.NewNopSettings(factory.Type()), cfg)
	require.NoError(b, err)
	require.NoError(b, sender.Start(context.Background(), componenttest.NewNopHost()))
	b.Cleanup(func() { require.NoError(b, sender.Shutdown(context.Background())) })
	reports, first := make([]pmetric.Metrics, lap), 0
	return race.Contender{
		Name: name,
		Prepare: func() {
			for i := range reports {
				reports[i] = installation(name, first+i)
			}
			first += lap
		},
		Lap: func() {
			receiving, own := r.processor(b), ownProcessor()
			deliver(sender, reports)
			took.sent += ownProcessor() - own
			took.received += r.processor(b) - receiving
			took.reports += lap
		},
	}
}

func deliver(sender exporter.Metrics, reports []pmetric.Metrics) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range concurrency {
		all.Go(func() {
			for i := next.Add(1) - 1; i < lap; i = next.Add(1) - 1 {
				check(sender.ConsumeMetrics(context.Background(), reports[i]))
			}
		})
	}
	all.Wait()
}

func ownProcessor() time.Duration {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// installation is one installation's report: six metrics and six attributes.
func installation(of string, i int) pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	attributes := resource.Resource().Attributes()
	attributes.PutStr(mapping.InstanceID, fmt.Sprintf("%s-%08x-1111-4222-8333-444444444444", of, i))
	scope := resource.ScopeMetrics().AppendEmpty()
	for i := range 6 {
		attributes.PutStr(fmt.Sprintf("app.attribute.%d", i), "sqlite")
		metric := scope.Metrics().AppendEmpty()
		metric.SetName(fmt.Sprintf("app.metric.%d", i))
		point := metric.SetEmptyGauge().DataPoints().AppendEmpty()
		point.SetIntValue(1600)
		point.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)))
	}
	return metrics
}
