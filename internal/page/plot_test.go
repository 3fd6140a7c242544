// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/ledger"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestPlotsShowWhatChanges(t *testing.T) {
	var entries []ledger.Entry
	for i, n := range []int{100, 300, 200} {
		entries = append(entries, ledger.Entry{Stat: "USAGE", Status: 200, Time: noon.AddDate(0, 0, i*i), Body: fmt.Appendf(nil,
			`{"value":{"runs":%d,"same":5,"version":"5.%d","plans":{"free":%d}}}`, n, i, 2*n)})
	}
	entries = append(entries, ledger.Entry{Stat: "USAGE", Status: 503, Body: []byte(`{"value":{"runs":9999}}`)}, ledger.Entry{Stat: "USAGE", Status: 200, Body: []byte("torn")})
	drawn := plots(entries)
	require.Len(t, drawn, 2)
	assert.Equal(t, "plans.free", drawn[0].Key)
	assert.Equal(t, "runs", drawn[1].Key)
	assert.Equal(t, "4.0,22.7 42.0,4.0 156.0,13.3", drawn[1].Line())
	assert.Equal(t, "3 reports, 23 Nov 2026 – 27 Nov 2026, from 100 to 200; lowest 100, highest 300", drawn[1].Words())
	assert.Equal(t, "32.0", drawn[1].Zero())
}

func TestTimesInWords(t *testing.T) {
	v := &view{Now: noon}
	for away, want := range map[time.Duration]string{
		0: "now", time.Minute: "in 1 minute", -5 * time.Minute: "5 minutes ago", 90 * time.Minute: "in 1 hour",
		47 * time.Hour: "in 47 hours", 168 * time.Hour: "in 7 days", -72 * time.Hour: "3 days ago",
	} {
		assert.Equal(t, want, v.When(noon.Add(away)))
	}
}
