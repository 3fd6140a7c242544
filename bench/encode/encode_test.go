// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package encode measures the encoding of a 14-field stat: collect against
// encoding/json on maps, as a hand-written telemetry module does it.
package encode

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/collect"
)

const body = `{"instanceId": "b4829f17-9a18-41fa-94a5-434c88719e64", "time": 1795416843.181571, "value": {"total_log_count": 1600, "unique_run_by_user_count": 35, "total_query_count": 20, "unique_connection_count": 5, "default_database": "sqlite", "explorer_install_quarter": "Q3-2024", "debug": true, "tasks_enabled": false, "unsafe_rendering": false, "transform_count": 2, "assistant_enabled": false, "user_dbs": 3, "version": "5.3", "charts_enabled": true}, "name": "STARTUP_STATS"}`

func BenchmarkEncode(b *testing.B) {
	stat, err := collect.Decode([]byte(body))
	require.NoError(b, err)

	b.Run("collect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := stat.AppendJSON(nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(map[string]any{
				"instanceId": stat.InstanceID, "time": float64(stat.Time.UnixMicro()) / 1e6, "name": stat.Name,
				"value": map[string]any{
					"total_log_count": 1600, "unique_run_by_user_count": 35, "total_query_count": 20, "unique_connection_count": 5,
					"default_database": "sqlite", "explorer_install_quarter": "Q3-2024", "debug": true, "tasks_enabled": false,
					"unsafe_rendering": false, "transform_count": 2, "assistant_enabled": false, "user_dbs": 3, "version": "5.3",
					"charts_enabled": true,
				},
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
	// The maps made once, outside the measurement: the encoding alone.
	maps := map[string]any{}
	require.NoError(b, json.Unmarshal([]byte(body), &maps))
	b.Run("encoding/json, maps ready", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(maps); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A peer that does something else would be no peer.
func TestBothSayTheSame(t *testing.T) {
	stat, err := collect.Decode([]byte(body))
	require.NoError(t, err)
	ours, err := stat.AppendJSON(nil)
	require.NoError(t, err)
	require.JSONEq(t, body, string(ours))
	require.Equal(t, time.UnixMicro(1795416843181571).UTC(), stat.Time)
}
