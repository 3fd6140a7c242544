// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// The exporter is in neither program: who builds it in has the check with it.
func TestTimesBeforeAStore(t *testing.T) {
	for truncate, warned := range map[string]bool{"": true, "timestamps: {truncate: 0s}, ": false, "timestamps: {truncate: 24h}, ": true} {
		retrieved, err := confmap.NewRetrievedFromYAML(fmt.Appendf(nil, `
receivers: {otlp: {}}
processors: {anonymizer: {%smetrics: {shop.orders: {round: {to: 10}}}}}
exporters: {prometheusremotewrite: {endpoint: "http://127.0.0.1:9090/api/v1/write"}}
service: {pipelines: {metrics: {receivers: [otlp], processors: [anonymizer], exporters: [prometheusremotewrite]}}}
`, truncate))
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, (&converter{out: &out}).Convert(t.Context(), conf))
		const words = "processors::anonymizer::timestamps: times are cut to 24h0m0s, and the store behind prometheusremotewrite takes neither"
		if warned {
			assert.Contains(t, out.String(), words)
		} else {
			assert.NotContains(t, out.String(), "timestamps")
		}
	}
}
