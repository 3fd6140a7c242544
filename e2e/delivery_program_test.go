// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/exporter/collectmetric"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// goProgram tells this test's own program that it is an application with
// collectmetric: the endpoint's URL. goProgramState is its state directory.
const (
	goProgram      = "HEADCOUNT_E2E_ENDPOINT"
	goProgramState = "HEADCOUNT_E2E_STATE"
)

// runGoProgram exports the counts of each installation again and again, until it is stopped.
func runGoProgram(url, state string) {
	running, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var installations sync.WaitGroup
	for _, installation := range chaosInstallations {
		installations.Go(func() {
			exporter, err := collectmetric.New(context.Background(),
				collectmetric.WithEndpoint(url), collectmetric.WithStateDir(filepath.Join(state, installation)),
				collectmetric.WithTimeout(300*time.Millisecond),
				collectmetric.WithRetry(collectmetric.RetryConfig{InitialInterval: 20 * time.Millisecond, MaxInterval: 200 * time.Millisecond}),
				collectmetric.WithStat("ONCE", onceInterval, collectmetric.Field{Key: "users", Metric: "app.users"}),
				collectmetric.WithStat("OFTEN", oftenRest, collectmetric.Field{Key: "users", Metric: "app.users"}),
				collectmetric.WithRule("app.users", rule.Number{Round: &rule.Round{To: 5}}),
				collectmetric.WithResourceRule("service.instance.id", rule.Text{Keep: true}),
			)
			if err != nil {
				panic(err)
			}
			for users := int64(0); running.Err() == nil; users++ {
				_ = exporter.Export(context.Background(), counted(installation, users)) // which tells what fails
				time.Sleep(10 * time.Millisecond)                                       // the application's own pace
			}
		})
	}
	fmt.Fprintln(os.Stderr, "Everything is ready")
	installations.Wait()
}

func counted(installation string, users int64) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(attribute.String("service.instance.id", installation)),
		ScopeMetrics: []metricdata.ScopeMetrics{{
			Scope: instrumentation.Scope{Name: "app"},
			Metrics: []metricdata.Metrics{{Name: "app.users", Data: metricdata.Gauge[int64]{
				DataPoints: []metricdata.DataPoint[int64]{{Value: users, Time: time.Now()}},
			}}},
		}},
	}
}

// delivering starts what delivers to an endpoint, and keeps its state in a folder.
type delivering func(t *testing.T) *distribution

// byCollector is the distribution, fed by five applications.
func byCollector(t *testing.T, endpoint, state string) delivering {
	t.Helper()
	intake := porttest.Address(t)
	config := chaosConfig(t, endpoint, state, intake)
	feeding, stop := context.WithCancel(t.Context())
	var feeder sync.WaitGroup
	feeder.Go(func() { feed(feeding, "http://"+intake+"/v1/metrics", chaosInstallations...) })
	t.Cleanup(func() { stop(); feeder.Wait() })
	return func(t *testing.T) *distribution { return start(t, nil, "--config", config) }
}

// byGoProgram is one with the SDK's exporter for each of five installations.
func byGoProgram(t *testing.T, endpoint, state string) delivering {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return func(t *testing.T) *distribution {
		return startCommand(t, environment{goProgram: endpoint, goProgramState: state}, self)
	}
}
