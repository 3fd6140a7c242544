// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	whose "go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/otel/trace"

	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

const canary = "canary-7f3a9c"

// known is a request's context as a receiver makes it: whose it is, and what it belongs to.
func known() context.Context {
	ctx := whose.NewContext(context.Background(), whose.Info{
		Addr:     &net.IPAddr{IP: net.ParseIP("203.0.113.77")},
		Metadata: whose.NewMetadata(map[string][]string{"x-canary": {canary}}),
	})
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: [16]byte([]byte(canary + "xyz")), SpanID: [8]byte([]byte(canary)), TraceFlags: trace.FlagsSampled,
	}))
}

// noFileHolds asserts that no file below folder holds any of the texts.
func noFileHolds(t *testing.T, folder string, texts ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, text := range texts {
			assert.NotContains(t, string(content), text, file)
		}
	}
}

// throughOTLP is data as it comes from a hop: whatever the other side wrote into it.
func throughOTLP(t *testing.T, metrics pmetric.Metrics) pmetric.Metrics {
	t.Helper()
	wire, err := pmetricotlp.NewExportRequestFromMetrics(metrics).MarshalProto()
	require.NoError(t, err)
	request := pmetricotlp.NewExportRequest()
	require.NoError(t, request.UnmarshalProto(wire))
	return request.Metrics()
}

func TestUnmarkedIsRefusedAndNeverQueued(t *testing.T) {
	t.Cleanup(trust.AskForMarks()) // or the marks below cover nothing, whatever they were made of
	forged := scraped("i-1", 20)
	forged.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().SetName("github.com/headcount-otel/headcount/anonymizer")
	for name, c := range map[string]struct {
		ctx     context.Context
		metrics pmetric.Metrics
	}{
		"no anonymizer":              {known(), scraped(canary, 20)},
		"a forged scope name":        {known(), throughOTLP(t, forged)},
		"a mark from before a hop":   {context.WithValue(known(), forgedKey{}, true), throughOTLP(t, scraped(canary, 20))},
		"a context of batch's own":   {context.Background(), scraped(canary, 20)},
		"a mark of other data":       {trust.Anonymized(context.Background(), scraped("i-0", 20), "rules", trust.Nulls{}), scraped(canary, 20)},
		"a context of another value": {context.WithValue(context.Background(), anonymizedKey{}, true), scraped(canary, 20)},
	} {
		t.Run(name, func(t *testing.T) {
			makers := newEndpoint(t, status(http.StatusOK))
			folder := t.TempDir()
			r := newRig(t, makers.URL, trusttest.Host{storageID: fileStorage(t, folder, nil)}, persistent).start(t)
			for range 3 {
				err := r.ConsumeMetrics(c.ctx, c.metrics)
				require.Error(t, err)
				assert.True(t, consumererror.IsPermanent(err))
				assert.ErrorContains(t, err, "last processor")
				assert.ErrorContains(t, err, "batching belongs in sending_queue")
				assert.ErrorContains(t, err, "require_anonymizer: false")
			}
			require.NoError(t, r.Shutdown(t.Context()))
			assert.Empty(t, makers.received())
			assert.Equal(t, 1, r.logs.FilterMessageSnippet("batching belongs").Len())
			noFileHolds(t, folder, canary, "app.users", "203.0.113.77")
		})
	}
}

// What was too small to leave and what was not found are the same data. By the mark the first makes a
// report, and the second none, which would say that an installation is there.
// The anonymizer takes in all data for who asks, and for nobody else.
func TestMarksAreAskedForWhileItRuns(t *testing.T) {
	covers := func() bool {
		metrics := scraped("i-1", 20)
		mark, _ := trust.MarkOf(trust.Anonymized(t.Context(), metrics, rules, trust.Nulls{}))
		return mark.Covers(metrics)
	}
	r := newRig(t, newEndpoint(t, status(http.StatusOK)).URL, nil, nil)
	require.False(t, covers())
	r.start(t)
	require.True(t, covers())
	require.NoError(t, r.Shutdown(t.Context()))
	assert.False(t, covers())
}

func TestAStatOfWhichNothingWasFoundIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		unread []int
		want   int
	}{"too small": {nil, 1}, "nothing found": {[]int{0}, 0}} {
		t.Run(name, func(t *testing.T) {
			makers := newEndpoint(t, status(http.StatusOK))
			r := newRig(t, makers.URL, trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}, persistent).start(t)
			metrics := scraped("i-1", 20)
			metrics.ResourceMetrics().At(0).Resource().Attributes().Remove("service.version")
			for _, m := range metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
				for _, p := range m.Gauge().DataPoints().All() {
					pmetric.NewNumberDataPoint().CopyTo(p)
					p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
				}
			}
			nulls := trust.Nulls{Unread: c.unread, Suppresses: func(string) bool { return true }}
			require.NoError(t, r.ConsumeMetrics(trust.Anonymized(t.Context(), metrics, rules, nulls), metrics))
			if c.want > 0 {
				assert.Contains(t, makers.awaits(t, c.want)[0].body, "null")
			}
			require.NoError(t, r.Shutdown(t.Context()))
			assert.Len(t, makers.received(), c.want)
			assert.Equal(t, 1-c.want, r.logs.FilterMessageSnippet("ncomplete").Len())
		})
	}
}

// anonymizedKey looks like the mark's key, and is not it.
type anonymizedKey struct{}

// Also without the anonymizer: who sent it, and in which trace, never reaches the disk.
func TestNoClientInTheQueue(t *testing.T) {
	for name, strict := range map[string]bool{"anonymized": true, "as it is": false} {
		t.Run(name, func(t *testing.T) {
			makers := newEndpoint(t, status(http.StatusInternalServerError))
			folder := t.TempDir()
			r := newRig(t, makers.URL, trusttest.Host{storageID: fileStorage(t, folder, nil)}, func(cfg *Config) {
				persistent(cfg)
				cfg.RequireAnonymizer = strict
			}).start(t)
			ctx, metrics := known(), scraped("i-1", 20)
			if strict {
				ctx = trust.Anonymized(ctx, metrics, rules, trust.Nulls{})
			}
			require.NoError(t, r.ConsumeMetrics(ctx, metrics))
			posted := makers.awaits(t, 1)[0]
			assert.NotContains(t, posted.header, "Traceparent")
			require.NoError(t, r.Shutdown(t.Context()))
			content, err := os.ReadFile(filepath.Join(folder, queueFile))
			require.NoError(t, err)
			assert.Contains(t, string(content), posted.body, "the queue holds what is sent, and no more")
			noFileHolds(t, folder, "app.users", "203.0.113.77", "\xcb\x00\x71\x4d", canary)
		})
	}
}

func TestConsentWithdrawnWhileQueued(t *testing.T) {
	queued := func(t *testing.T) (*makersEndpoint, *trusttest.Extension, trusttest.Host, *rig) {
		makers := newEndpoint(t, status(http.StatusInternalServerError))
		site := trusttest.NewExtension(trust.On)
		h := trusttest.Host{consentID: site, storageID: fileStorage(t, t.TempDir(), nil)}
		r := newRig(t, makers.URL, h, consenting).start(t)
		for _, installation := range []string{"i-1", "i-2", "i-3"} {
			r.scrape(t, installation, 20)
		}
		makers.awaits(t, 3)
		return makers, site, h, r
	}
	discards := func(t *testing.T, makers *makersEndpoint, site *trusttest.Extension, r *rig) {
		require.Eventually(t, func() bool { return site.CountUnsent(trust.Withheld) >= 3 }, patience, 5*time.Millisecond)
		tried := len(makers.received())
		makers.answers(status(http.StatusOK))
		site.SetMode(trust.On)
		require.NoError(t, r.Shutdown(t.Context()))
		assert.Len(t, makers.received(), tried, "nothing of them left")
	}
	for _, mode := range []trust.Mode{trust.Off, trust.Local} {
		t.Run(mode.String(), func(t *testing.T) {
			makers, site, _, r := queued(t)
			site.SetMode(mode)
			discards(t, makers, site, r)
		})
	}
	t.Run("found by the next process", func(t *testing.T) {
		makers, site, h, r := queued(t)
		require.NoError(t, r.Shutdown(t.Context()))
		site.SetMode(trust.Local)
		discards(t, makers, site, newRig(t, makers.URL, h, consenting).start(t))
	})
}

func consenting(cfg *Config) {
	persistent(cfg)
	cfg.Consent = &consentID
}

func TestOffOpensNothing(t *testing.T) {
	folder := t.TempDir()
	site := trusttest.NewExtension(trust.Off)
	r := newRig(t, "https://collect.example.invalid", trusttest.Host{consentID: site, storageID: fileStorage(t, folder, nil)}, consenting).start(t)
	r.scrape(t, "i-1", 20)
	r.scrape(t, "i-1", 20)
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, files)
	lines := r.logs.FilterMessageSnippet("Nothing is sent").All()
	require.Len(t, lines, 1)
	assert.Equal(t, "the test says so", lines[0].ContextMap()["reason"])

	site.SetMode(trust.On)
	r.scrape(t, "i-1", 20)
	files, err = os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, files, 2, "the memory and the queue are opened when something may be sent: %v", files)
}

// What carries a request past the Collector's conversion knows nothing of whose it is.
func TestNothingTravelsWithARequest(t *testing.T) {
	ctx := passed{known(), queued("i-1")}
	assert.Empty(t, whose.FromContext(ctx).Addr)
	assert.False(t, trace.SpanContextFromContext(ctx).IsValid())
	assert.Equal(t, whose.Info{}, whose.FromContext(ctx))
}

// The operator takes consent back on the page: what waits is deleted at once, from the disk as well.
func TestWithdrawal(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusServiceUnavailable))
	folder := t.TempDir()
	site := trusttest.NewExtension(trust.On)
	h := trusttest.Host{consentID: site, storageID: fileStorage(t, folder, nil)}
	r := newRig(t, makers.URL, h, func(cfg *Config) {
		persistent(cfg)
		cfg.Consent = &consentID
		cfg.RetryOnFailure.InitialInterval = time.Hour
		cfg.SendingQueue.Get().NumConsumers = 1 // the others are on the disk alone
	}).start(t)
	for _, installation := range []string{"i-1", "i-2", "i-3"} {
		r.scrape(t, installation, 20)
	}
	makers.awaits(t, 1)
	require.NotEmpty(t, queuedOnDisk(t, folder))
	require.NoError(t, site.Withdraw(t.Context()))
	assert.Empty(t, queuedOnDisk(t, folder), "its records are gone from the disk")

	makers.answers(status(http.StatusOK))
	site.SetMode(trust.On)
	tried := len(makers.received())
	r.scrape(t, "i-4", 20)
	posts := makers.awaits(t, tried+1)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.Len(t, posts, tried+1)
	assert.Equal(t, "i-4", posts[tried].stat.InstanceID, "the queue works on, without what was withdrawn")
	assert.Zero(t, site.Listening(), "it listens no longer")
}

// queuedOnDisk are the bodies in the queue's file that a start would still find: bbolt
// leaves what was deleted in its free pages until these are written again.
func queuedOnDisk(t *testing.T, folder string) (bodies []string) {
	t.Helper()
	copied := t.TempDir()
	content, err := os.ReadFile(filepath.Join(folder, queueFile))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(copied, queueFile), content, 0o600))
	other := fileStorage(t, copied, nil)
	client, err := other.(storage.Extension).GetClient(t.Context(), component.KindExporter, component.MustNewID("collect"), "metrics")
	require.NoError(t, err)
	defer func() { require.NoError(t, client.Close(t.Context())) }()
	require.NoError(t, client.(storage.Walker).Walk(t.Context(), func(_ string, value []byte) ([]*storage.Operation, error) {
		if bytes.Contains(value, []byte("instanceId")) {
			bodies = append(bodies, string(value))
		}
		return nil, nil
	}))
	return bodies
}

// forgedKey looks like the mark's own key, and is another type.
type forgedKey struct{}
