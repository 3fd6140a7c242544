// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter/internal/metadata"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// patience is how long a test waits for what has to come.
const patience = time.Minute

// makersEndpoint is a collect endpoint that writes down what it is sent.
type makersEndpoint struct {
	*httptest.Server
	mu     sync.Mutex
	answer http.HandlerFunc
	posts  []post
}

type post struct {
	header http.Header
	remote string
	body   string
	stat   collect.Stat
}

func newEndpoint(t *testing.T, answer http.HandlerFunc) *makersEndpoint {
	t.Helper()
	e := &makersEndpoint{answer: answer}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (e *makersEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	stat, err := collect.Decode(body)
	if err != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	e.mu.Lock()
	e.posts = append(e.posts, post{r.Header.Clone(), r.RemoteAddr, string(body), stat})
	answer := e.answer
	e.mu.Unlock()
	answer(w, r)
}

func (e *makersEndpoint) answers(answer http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

func (e *makersEndpoint) received() []post {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]post(nil), e.posts...)
}

func (e *makersEndpoint) awaits(t *testing.T, n int) []post {
	t.Helper()
	require.Eventually(t, func() bool { return len(e.received()) >= n }, patience, 5*time.Millisecond, "%d requests", n)
	return e.received()
}

var (
	storageID = component.MustNewID("file_storage")
	consentID = component.MustNewID("headcount")
)

// fileStorage is the real extension over a folder.
func fileStorage(t testing.TB, folder string, change func(*filestorage.Config)) component.Component {
	t.Helper()
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = folder
	cfg.Timeout = time.Second
	if change != nil {
		change(cfg)
	}
	ext, err := factory.Create(context.Background(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	require.NoError(t, ext.Start(context.Background(), componenttest.NewNopHost()))
	t.Cleanup(func() { _ = ext.Shutdown(context.Background()) })
	return ext
}

// rules is the fingerprint of the rules that hold in a test.
const rules = "0123456789abcdef"

// rig is one exporter with what it needs.
type rig struct {
	*collectExporter
	host trusttest.Host
	logs *observer.ObservedLogs
}

func startup(interval time.Duration) mapping.Definitions {
	return mapping.Definitions{"STARTUP": {Interval: interval, Value: map[string]mapping.Origin{
		"users":   {Metric: "app.users"},
		"version": {Resource: "service.version"},
	}}}
}

// newRig makes an exporter that is not started; change edits its configuration.
func newRig(t testing.TB, url string, h trusttest.Host, change func(*Config)) *rig {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.ClientConfig.Endpoint = url
	cfg.Stats = startup(time.Hour)
	cfg.RetryOnFailure.InitialInterval = time.Millisecond
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	t.Cleanup(trust.EnforceRules(rules, trust.Random{})) // as the anonymizer before it does
	core, logs := observer.New(zapcore.DebugLevel)
	set := exportertest.NewNopSettings(metadata.Type)
	set.ID = component.NewID(metadata.Type)
	set.Logger = zap.New(core)
	set.BuildInfo.Version = "1.2.3"
	e, err := newCollectExporter(context.Background(), set, cfg)
	require.NoError(t, err)
	return &rig{e, h, logs}
}

func (r *rig) start(t testing.TB) *rig {
	t.Helper()
	require.NoError(t, r.Start(context.Background(), r.host))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	return r
}

// scrape hands one installation's report to the exporter, as the anonymizer does.
func (r *rig) scrape(t testing.TB, installation string, users int64) {
	t.Helper()
	metrics := scraped(installation, users)
	require.NoError(t, r.ConsumeMetrics(trust.Anonymized(context.Background(), metrics, rules, trust.Nulls{}), metrics))
}

// send pushes one request, as the queue does, without asking whether it is due.
func (r *rig) send(ctx context.Context, metrics pmetric.Metrics) error {
	waiting := &request{}
	for _, resource := range metrics.ResourceMetrics().All() {
		for stat := range r.mapping.Stats(resource, r.now(), nil) {
			body, err := stat.AppendJSON(nil)
			if err != nil {
				return err
			}
			key := pacing.NewKey(stat.InstanceID, r.groups[stat.Name].Name)
			waiting.reports = append(waiting.reports, report{Report: delivery.Report{Stat: stat.Name, Key: key, Installation: stat.InstanceID, Body: body}, rules: rules})
		}
	}
	return r.push(ctx, waiting)
}

func scraped(installation string, users int64) pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	addScraped(metrics, installation, users)
	return metrics
}

func addScraped(metrics pmetric.Metrics, installation string, users int64) {
	resource := metrics.ResourceMetrics().AppendEmpty()
	resource.Resource().Attributes().PutStr(mapping.InstanceID, installation)
	resource.Resource().Attributes().PutStr("service.version", "5.3")
	m := resource.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("app.users")
	point := m.SetEmptyGauge().DataPoints().AppendEmpty()
	point.SetIntValue(users)
	point.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)))
}

func persistent(cfg *Config) {
	cfg.Storage = &storageID
	cfg.SendingQueue.Get().StorageID = &storageID
}

// The files of the exporter in the folder of file_storage.
const (
	memoryFile = "exporter_collect_"
	queueFile  = "exporter_collect__metrics"
)
