#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a plan of which an application's callback no longer says a number is no longer exported, by any SDK.
# Version:   @opentelemetry/sdk-metrics 3.1.1 (Node.js 20), opentelemetry-sdk 1.45.2 (Python); Go otel/sdk/metric 1.47.0
#            and the Java SDK 1.68.0 by hand.
# Seen:      with cumulative temporality, the default, Node.js goes on exporting the last number of it in every report,
#            with a new time: 20 free and 5 pro that become 25 free are 30. Its processor merges what the callback said
#            into all that was ever reported (TemporalMetricProcessor), for gauges too. With deltas the gauge's is gone.
#            Python, Go and Java leave it out.
# For us:    a stat of users by plan, version or theme counts those who left for as long as the process lives, and so does
#            its sum. Let the callback say 0 for what is gone: every SDK then says it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 >/dev/null
cat >gone.mjs <<'NODE'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
const seen = [];
for (const temporality of [AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA]) {
  const exporter = new InMemoryMetricExporter(temporality);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
  let plans = { free: 20, pro: 5 };
  provider.getMeter('shop').createObservableGauge('users').addCallback((result) => {
    for (const [plan, users] of Object.entries(plans)) result.observe(users, { plan });
  });
  await provider.forceFlush();
  plans = { free: 25 };
  await provider.forceFlush();
  exporter.reset();
  await provider.forceFlush();
  const points = exporter.getMetrics().flatMap((r) => r.scopeMetrics).flatMap((s) => s.metrics).flatMap((m) => m.dataPoints);
  seen.push(points.map((p) => `${p.attributes.plan} ${p.value}`).join(', '));
  await provider.shutdown();
}
console.log(seen.join(' | '));
NODE
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-sdk==1.45.2
cat >gone.py <<'PYTHON'
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

plans = {"free": 20, "pro": 5}
reader = InMemoryMetricReader()
meter = MeterProvider([reader]).get_meter("shop")
meter.create_observable_gauge("users", [lambda _: [Observation(users, {"plan": plan}) for plan, users in plans.items()]])
reader.get_metrics_data()
plans = {"free": 25}
metric = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics[0]
print(*(f"{p.attributes['plan']} {p.value}" for p in metric.data.data_points), sep=", ")
PYTHON
node=$(node gone.mjs)
python=$(venv/bin/python gone.py)
echo "25 free, and nothing said of pro any more: Node.js, cumulative and delta: $node; Python: $python"
[ "$node" = "free 25, pro 5 | free 25" ]
[ "$python" = "free 25" ]
