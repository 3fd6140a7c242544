// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"golang.org/x/sync/errgroup"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

// The app's side and the makers' side of the whole-pipeline test, as people write them.
var (
	appSide = `
storage: disk
metrics:
  app.seats: {one_bit: {max: 1000}}
  app.beta: {randomized_response: {}}
resource:
  service.instance.id: {pseudonym: {every: never}}
  service.version: {keep: true}
`
	stats = `
stats:
  USAGE:
    value:
      seats: {metric: app.seats}
      beta: {metric: app.beta}
      version: {resource: service.version}
`
	makersSide = `
metrics:
  app.seats: {one_bit: {max: 1000}}
  app.beta: {randomized_response: {}}
resource:
  service.version: {}
`
)

// Twenty fleets (two hundred in make prove) of 1,000 installations each: the anonymizer's own draws, the wire format, HTTP,
// the receiver, the connector.
func TestFleetsThroughTheWholePipeline(t *testing.T) {
	const n = 1000
	repetitions := 4
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		repetitions = 40
	}
	cryptotest.SetGlobalRandom(t, 6)
	var seats, beta record
	for _, s := range shapes(n) {
		fleet, share := s.numbers, 0.0
		for _, x := range fleet {
			if isBeta(x) {
				share += 1 / float64(n)
			}
		}
		for range repetitions {
			makers := newMakers(t)
			makers.send(t, bodies(t, fleet))
			md := makers.rig.told()
			makers.stop()
			assert.Contains(t, lines(md), fmt.Sprintf("fleet.installation.count{} %d {installation}", n), s.name)
			assert.Contains(t, lines(md), fmt.Sprintf("fleet.service.version.installation.count{service.version=5.3} %d {installation}", n), s.name)
			seats.add(md, "fleet.app.seats.mean", meanOf(fleet))
			beta.add(md, "fleet.app.beta.share", share)
		}
	}
	seats.check(t, "one_bit")
	beta.check(t, "randomized_response")
}

func isBeta(x int64) bool { return x >= most/2 }

// record is how often intervals hold their truths.
type record struct{ fleets, covered, untold int }

func (r *record) add(md pmetric.Metrics, name string, truth float64) {
	e, told := estimateIn(md, name)
	if !told { // by chance, one in forty of the fleets in which everybody says the least
		r.untold++
		return
	}
	r.fleets++
	if e.Low <= truth && truth <= e.High {
		r.covered++
	}
}

// check: where each interval holds with 95 %, fewer than 85 % of them do so in less than one of 300 runs of 20.
func (r *record) check(t *testing.T, what string) {
	assert.GreaterOrEqual(t, float64(r.covered), .85*float64(r.fleets), what)
	assert.LessOrEqual(t, r.untold, r.fleets/5, what)
	t.Logf("%s: %d of %d intervals hold the truth", what, r.covered, r.fleets)
}

// makers is a collect endpoint with a fleet connector behind it.
type makers struct {
	rig     *rig
	address string
	stop    func()
}

func newMakers(t *testing.T) makers {
	t.Helper()
	r := newRig(t, func(cfg *Config) { configure(t, makersSide, cfg) })
	factory := collectreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*collectreceiver.Config)
	configure(t, stats, cfg)
	cfg.ServerConfig.NetAddr.Endpoint = porttest.Address(t)
	receiver, err := factory.CreateMetrics(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, r.c)
	require.NoError(t, err)
	require.NoError(t, receiver.Start(t.Context(), componenttest.NewNopHost()))
	return makers{r, cfg.ServerConfig.NetAddr.Endpoint, func() { require.NoError(t, receiver.Shutdown(context.Background())) }}
}

// send posts the bodies over one connection, without waiting for an answer before the next.
func (m makers) send(t *testing.T, bodies [][]byte) {
	t.Helper()
	connection, err := net.Dial("tcp", m.address)
	require.NoError(t, err)
	defer connection.Close()
	var sender errgroup.Group
	sender.Go(func() error {
		for _, body := range bodies {
			request, err := http.NewRequest(http.MethodPost, "http://"+m.address+"/stat", bytes.NewReader(body))
			if err != nil {
				return err
			}
			request.Header.Set("Content-Type", "application/json")
			if err := request.Write(connection); err != nil {
				return err
			}
		}
		return nil
	})
	answers := bufio.NewReader(connection)
	for range bodies {
		response, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.NoError(t, response.Body.Close())
	}
	require.NoError(t, sender.Wait())
}

// bodies are what the fleet's installations send, each treated by a real anonymizer.
func bodies(t *testing.T, fleet []int64) (all [][]byte) {
	t.Helper()
	var definitions struct {
		Stats mapping.Definitions `mapstructure:"stats"`
	}
	configure(t, stats, &definitions)
	stats := mapping.New(definitions.Stats)
	send, err := consumer.NewMetrics(func(_ context.Context, md pmetric.Metrics) error {
		for stat, incomplete := range stats.Stats(md.ResourceMetrics().At(0), time.Now(), nil) {
			require.Nil(t, incomplete)
			body, err := stat.MarshalJSON()
			require.NoError(t, err)
			all = append(all, body)
		}
		return nil
	})
	require.NoError(t, err)
	a := newAnonymizer(t, send)
	for i, x := range fleet {
		beta := 0
		if isBeta(x) {
			beta = 1
		}
		require.NoError(t, a.ConsumeMetrics(t.Context(), reportOf(fmt.Sprint("installation ", i), "app.seats", int(x), "app.beta", beta, "service.version", "5.3")))
	}
	require.NoError(t, a.Shutdown(t.Context()))
	return all
}

func newAnonymizer(t *testing.T, next consumer.Metrics) processor.Metrics {
	t.Helper()
	factory := anonymizer.NewFactory()
	cfg := factory.CreateDefaultConfig()
	configure(t, appSide, cfg)
	disk := storagetest.NewInMemoryStorageExtension("disk")
	cfg.(*anonymizer.Config).Storage = &disk.ID
	a, err := factory.CreateMetrics(t.Context(), processortest.NewNopSettings(factory.Type()), cfg, next)
	require.NoError(t, err)
	require.NoError(t, a.Start(t.Context(), storagetest.NewStorageHost().WithExtension(disk.ID, disk)))
	return a
}

func configure(t *testing.T, yaml string, cfg any) {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(yaml))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	require.NoError(t, conf.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
}
