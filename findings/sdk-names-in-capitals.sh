#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     names of instruments know no case, so that shop.Orders and shop.orders are one counter, under the name that came
#            first: shop.Orders=7 in each SDK.
# Version:   opentelemetry-sdk 1.45.2 (Python), @opentelemetry/sdk-metrics 3.1.1 (Node.js), opentelemetry_sdk 0.33.1 (Rust).
# Seen:      only Rust does that. Node exports two metrics. Python exports shop.orders=7, and writes every name in small letters,
#            also where it stands alone.
# For us:    a stat of the metric shop.Orders is complete from Node and Rust, and never from Python; and one application
#            counts 7 orders or 3, by its language. Write names in small letters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-sdk==1.45.2
cat >names.py <<'PYTHON'
import logging, sys
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
logging.disable(50)
reader = InMemoryMetricReader()
meter = MeterProvider(metric_readers=[reader]).get_meter("shop")
for n, name in enumerate(sys.argv[1:], 3):
    meter.create_counter(name).add(n)
print(" ".join(f"{m.name}={p.value}" for r in reader.get_metrics_data().resource_metrics for s in r.scope_metrics for m in s.metrics for p in m.data.data_points))
PYTHON
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 >/dev/null
cat >names.mjs <<'NODE'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000 })] });
const meter = provider.getMeter('shop');
meter.createCounter('shop.Orders').add(3);
meter.createCounter('shop.orders').add(4);
await provider.forceFlush();
console.log(exporter.getMetrics().flatMap((r) => r.scopeMetrics).flatMap((s) => s.metrics).map((m) => `${m.descriptor.name}=${m.dataPoints[0].value}`).join(' '));
await provider.shutdown();
NODE
mkdir -p rust/src
cat >rust/Cargo.toml <<'TOML'
[package]
name = "names"
version = "1.0.0"
edition = "2021"
[dependencies]
opentelemetry = "=0.33.1"
opentelemetry_sdk = { version = "=0.33.1", features = ["testing", "metrics"] }
TOML
cat >rust/src/main.rs <<'RUST'
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};

fn main() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
    let meter = provider.meter("shop");
    meter.u64_counter("shop.Orders").build().add(3, &[]);
    meter.u64_counter("shop.orders").build().add(4, &[]);
    provider.force_flush().unwrap();
    let mut said = vec![];
    for resource in exporter.get_finished_metrics().unwrap() {
        for metric in resource.scope_metrics().flat_map(|s| s.metrics()) {
            if let AggregatedMetrics::U64(MetricData::Sum(sum)) = metric.data() {
                said.extend(sum.data_points().map(|p| format!("{}={}", metric.name(), p.value())));
            }
        }
    }
    println!("{}", said.join(" "));
}
RUST
both=$(venv/bin/python names.py shop.Orders shop.orders)
alone=$(venv/bin/python names.py shop.Orders)
node=$(node names.mjs)
rust=$(cargo run --quiet --manifest-path rust/Cargo.toml)
echo "Python: $both; alone: $alone"
echo "Node.js: $node"
echo "Rust: $rust"
[ "$both" = "shop.orders=7" ]
[ "$alone" = "shop.orders=3" ]
[ "$node" = "shop.Orders=3 shop.orders=4" ]
[ "$rust" = "shop.Orders=7" ]
