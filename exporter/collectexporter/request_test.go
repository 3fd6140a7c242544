// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func encodingOf(t testing.TB, stats mapping.Definitions) encoding {
	t.Helper()
	codec, err := newEncoding(stats, map[string]pacing.Group{"STARTUP": {Name: "STARTUP", Interval: time.Hour}})
	require.NoError(t, err)
	return codec
}

func queued(installations ...string) *request {
	r := &request{}
	for _, installation := range installations {
		body := fmt.Sprintf(`{"instanceId":%q,"time":1795392000.0,"value":{"users":20},"name":"STARTUP"}`, installation)
		r.reports = append(r.reports, report{Report: delivery.Report{Stat: "STARTUP", Key: keyOf(installation), Installation: installation, Body: []byte(body)}})
	}
	return r
}

func TestQueueEncoding(t *testing.T) {
	codec := encodingOf(t, startup(time.Hour))
	for _, r := range []*request{queued(), queued("i-1"), queued("i-1", `i\u000a2`, "ï-3")} {
		text, err := codec.Marshal(t.Context(), r)
		require.NoError(t, err)
		_, again, err := codec.Unmarshal(text)
		require.NoError(t, err)
		assert.ElementsMatch(t, r.reports, again.(*request).reports)
	}
}

// What the operator took out of a stat does not leave with an old copy.
func TestQueuedUnderAnotherConfiguration(t *testing.T) {
	text, err := encodingOf(t, startup(time.Hour)).Marshal(t.Context(), queued("i-1"))
	require.NoError(t, err)
	changed := startup(time.Hour)
	delete(changed["STARTUP"].Value, "users")
	_, _, err = encodingOf(t, changed).Unmarshal(text)
	require.ErrorIs(t, err, errOtherConfiguration)
}

// What an earlier version queued has no rules; what this one queues has each report's own.
func TestQueuedRules(t *testing.T) {
	codec := encodingOf(t, startup(time.Hour))
	merged := queued("i-1", "i-2", "i-3")
	merged.reports[1].rules, merged.reports[2].rules = "strict", "stricter"
	text, err := codec.Marshal(t.Context(), merged)
	require.NoError(t, err)
	_, again, err := codec.Unmarshal(text)
	require.NoError(t, err)
	assert.Equal(t, merged, again)
	assert.Equal(t, len(text)-32, merged.BytesSize())
}

// Stricter rules reach what already waits: it is dropped, counted and said.
func TestQueuedUnderOtherRules(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusInternalServerError))
	h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil), consentID: trusttest.NewExtension(trust.On)}
	first := newRig(t, makers.URL, h, consenting).start(t)
	release := trust.EnforceRules("looser", trust.Random{})
	metrics := scraped("i-1", 1234)
	require.NoError(t, first.ConsumeMetrics(trust.Anonymized(t.Context(), metrics, "looser", trust.Nulls{}), metrics))
	first.scrape(t, "i-2", 20)
	makers.awaits(t, 2)
	require.NoError(t, first.Shutdown(t.Context()))
	release()

	tried := len(makers.received())
	makers.answers(status(http.StatusOK))
	site := trusttest.NewExtension(trust.On)
	h[consentID] = site
	second := newRig(t, makers.URL, h, consenting)
	second.now = afterTheBackoff
	second.start(t)
	posts := makers.awaits(t, tried+1)
	require.Eventually(t, func() bool { return site.CountUnsent(trust.OtherRules) == 1 }, patience, time.Millisecond)
	second.scrape(t, "i-1", 1200)
	posts = append(posts, makers.awaits(t, tried+2)[tried+1:]...)
	require.NoError(t, second.Shutdown(t.Context()))
	assert.Equal(t, "i-2", posts[tried].stat.InstanceID)
	assert.Contains(t, posts[tried+1].body, `"users":1200`)
	assert.Equal(t, 1, second.logs.FilterMessageSnippet("made under other rules").Len())
}

func FuzzQueueEncoding(f *testing.F) {
	codec := encodingOf(f, startup(time.Hour))
	text, err := codec.Marshal(f.Context(), queued("i-1", "i-2"))
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte{})
	f.Add([]byte("v0"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, r, err := codec.Unmarshal(text)
		if err != nil {
			return
		}
		again, err := codec.Marshal(t.Context(), r)
		require.NoError(t, err)
		assert.Equal(t, text, again)
	})
}

func TestMergeAndRetry(t *testing.T) {
	merged, err := queued("i-1").MergeSplit(t.Context(), 0, exporterhelper.RequestSizerTypeItems, queued("i-2", "i-3"))
	require.NoError(t, err)
	require.Len(t, merged, 1)
	assert.Equal(t, queued("i-1", "i-2", "i-3"), merged[0])
	assert.Equal(t, 3, merged[0].ItemsCount())
	text, err := encodingOf(t, nil).Marshal(t.Context(), merged[0])
	require.NoError(t, err)
	assert.Equal(t, len(text)-32, merged[0].BytesSize())

	r := queued("i-1", "i-2")
	assert.Same(t, r, r.OnError(errors.New("all of it")))
	again := remaining{errOtherConfiguration, queued("i-2").reports}
	assert.Equal(t, queued("i-2"), r.OnError(fmt.Errorf("wrapped: %w", exporterhelper.NewThrottleRetry(again, time.Hour))))
	require.ErrorIs(t, again, errOtherConfiguration)
}
