// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
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
		r.reports = append(r.reports, report{Report: delivery.Report{Stat: "STARTUP", Key: keyOf(installation), Body: []byte(body)}})
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
