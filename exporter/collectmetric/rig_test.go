// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.uber.org/goleak"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childOf); url != "" {
		child(url, os.Getenv(childState))
	}
	otel.SetErrorHandler(&told)
	goleak.VerifyTestMain(m)
}

// told is what went through otel.Handle; tests that ask do not run in parallel.
var told lines

type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) Handle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, err.Error())
}

// take returns the lines since the last time.
func (l *lines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text
	l.text = nil
	return text
}

// makers is a collect endpoint that writes down what it is sent.
type makers struct {
	*httptest.Server
	mu     sync.Mutex
	answer http.HandlerFunc
	posts  []post
}

type post struct {
	header http.Header
	body   string
	stat   collect.Stat
}

func newMakers(t testing.TB) *makers {
	t.Helper()
	m := &makers{answer: status(http.StatusOK)}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (m *makers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	stat, err := collect.Decode(body)
	if err != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	m.mu.Lock()
	m.posts = append(m.posts, post{r.Header.Clone(), string(body), stat})
	answer := m.answer
	m.mu.Unlock()
	answer(w, r)
}

func (m *makers) answers(answer http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = answer
}

func (m *makers) received() []post {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]post(nil), m.posts...)
}

const week = 7 * 24 * time.Hour

// shop is a small application's options: one stat a week.
func shop(url, dir string, more ...Option) []Option {
	return append([]Option{
		WithEndpoint(url),
		WithStateDir(dir),
		WithStat("WEEKLY", week, Field{Key: "orders", Metric: "shop.orders"}, Field{Key: "features", Metric: "shop.requests", By: "feature", Optional: true}),
		WithRule("shop.orders", rule.Number{Round: &rule.Round{To: 10}}),
		WithRule("shop.requests", rule.Number{Keep: true}),
		WithAttributeRule("feature", rule.Text{Allow: []string{"search", "export"}}),
		WithResourceRule(mapping.InstanceID, rule.Text{Keep: true}),
	}, more...)
}

// app is an application with the real SDK and the exporter.
type app struct {
	*Exporter
	reader *sdkmetric.ManualReader
	orders metric.Int64Counter
	ahead  time.Duration
}

func newApp(t testing.TB, options ...Option) *app {
	t.Helper()
	exporter, err := New(context.Background(), options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, exporter.Shutdown(context.Background())) })
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(
		resource.NewSchemaless(attribute.String("service.name", "shop")),
	))
	orders, err := provider.Meter("shop").Int64Counter("shop.orders")
	require.NoError(t, err)
	a := &app{Exporter: exporter, reader: reader, orders: orders}
	exporter.now = func() time.Time { return time.Now().Add(a.ahead) }
	return a
}

// export collects and exports once, as the reader does when its time has come.
func (a *app) export(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var rm metricdata.ResourceMetrics
	require.NoError(t, a.reader.Collect(ctx, &rm))
	require.NoError(t, a.Export(ctx, &rm))
}

func (a *app) order(n int64) { a.orders.Add(context.Background(), n) }

// freeze has no time pass but what later lets pass.
func (a *app) freeze() { a.freezeAt(time.Now()) }

func (a *app) freezeAt(now time.Time) {
	a.now = func() time.Time { return now.Add(a.ahead) }
}

// later lets time pass, and makes the exporter look at the next Export.
func (a *app) later(passed time.Duration) {
	a.ahead += passed
	a.impatient()
}

// impatient makes the exporter look at the next Export, as another process would.
func (a *app) impatient() {
	a.next.Store(nil)
	a.schedule.rest = moment{}
	for _, t := range a.schedule.stats {
		t.moment = moment{}
	}
}
