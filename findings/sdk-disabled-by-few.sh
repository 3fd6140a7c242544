#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     who starts an application with OTEL_SDK_DISABLED=true has turned its OpenTelemetry SDK off, in whatever
#            language it is; OTEL_SDK_DISABLED=1 too.
# Version:   opentelemetry-sdk 1.45.2 (Python), @opentelemetry/sdk-metrics 3.1.1 (Node.js 20), Go otel/sdk/metric 1.47.0.
# Seen:      true stops Python's, and changes nothing in Node.js and Go, whose packages do not read it: each counts and
#            exports as before, without a word. 1 stops none of them, Python's neither, which compares with "true".
# For us:    an operator who opts out of an application's telemetry by OpenTelemetry's own variable may have opted out of
#            nothing, and nothing shows it. Consent has to be asked where all of it passes: Headcount's is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-sdk==1.45.2
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 >/dev/null
cat >visits.py <<'PYTHON'
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

reader = InMemoryMetricReader()
MeterProvider([reader]).get_meter("shop").create_counter("visits").add(3)
data = reader.get_metrics_data()
print(data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points[0].value if data else 0)
PYTHON
cat >visits.mjs <<'NODE'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
provider.getMeter('shop').createCounter('visits').add(3);
await provider.forceFlush();
const points = exporter.getMetrics().flatMap((r) => r.scopeMetrics).flatMap((s) => s.metrics).flatMap((m) => m.dataPoints);
console.log(points.reduce((sum, p) => sum + p.value, 0));
await provider.shutdown();
NODE
cat >go.mod <<'MOD'
module example.com/visits

go 1.25.0

require (
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/metric v1.47.0
	go.opentelemetry.io/otel/sdk/metric v1.47.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"

	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func main() {
	ctx := context.Background()
	reader := sdk.NewManualReader()
	visits, err := sdk.NewMeterProvider(sdk.WithReader(reader)).Meter("shop").Int64Counter("visits")
	if err != nil {
		panic(err)
	}
	visits.Add(ctx, 3)
	var found metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &found); err != nil {
		panic(err)
	}
	var sum int64
	for _, scope := range found.ScopeMetrics {
		for _, metric := range scope.Metrics {
			for _, p := range metric.Data.(metricdata.Sum[int64]).DataPoints {
				sum += p.Value
			}
		}
	}
	fmt.Println(sum)
}
GO
GOFLAGS=-mod=mod go build -o visits .
seen=
for disabled in false true 1; do
  export OTEL_SDK_DISABLED=$disabled
  line="$disabled: Python $(venv/bin/python visits.py 2>/dev/null), Node.js $(node visits.mjs), Go $(./visits)"
  echo "of three visits, with OTEL_SDK_DISABLED=$line"
  seen+="$line; "
done
[ "$seen" = "false: Python 3, Node.js 3, Go 3; true: Python 0, Node.js 3, Go 3; 1: Python 3, Node.js 3, Go 3; " ]
