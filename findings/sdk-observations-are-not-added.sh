#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     where a view drops the attribute of an observable counter, its observations are added up, in each SDK: 20 users
#            with the plan free and 5 with the plan pro are 25. The same past the limit of 2000 sets of attributes: 3000
#            observations of 1 are 3000 together.
# Version:   opentelemetry-sdk 1.45.2 (Python), Java SDK 1.68.0, otel/sdk/metric 1.47.0 (Go), @opentelemetry/sdk-metrics
#            3.1.1 (Node.js), opentelemetry_sdk 0.33.1 (Rust).
# Seen:      Python, Java and Go say 25, and 3000. Node and Rust say 5, which is what was observed last, and 2000 and 2001:
#            the point that stands for all the others holds one of them.
# For us:    an application that counts its users by plan, and has a view take the plan off so that it does not leave the
#            process, tells one plan's users for all. Observe one total, or let the Collector drop the attribute: the
#            anonymizer adds what it merges.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-sdk==1.45.2
cat >users.py <<'PYTHON'
import logging
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import View
logging.disable(50)
def total(views, observations):
    reader = InMemoryMetricReader()
    MeterProvider(metric_readers=[reader], views=views).get_meter("shop").create_observable_counter("users", [lambda _: observations])
    return sum(p.value for r in reader.get_metrics_data().resource_metrics for s in r.scope_metrics for m in s.metrics for p in m.data.data_points)
plans = [Observation(20, {"plan": "free"}), Observation(5, {"plan": "pro"})]
print(total([View(instrument_name="users", attribute_keys=set())], plans), total([], [Observation(1, {"user": i}) for i in range(3000)]))
PYTHON

npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 >/dev/null
cat >users.mjs <<'NODE'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader, createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics';
async function total(views, observe) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ views, readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000 })] });
  provider.getMeter('shop').createObservableCounter('users').addCallback(observe);
  await provider.forceFlush();
  const points = exporter.getMetrics().flatMap((r) => r.scopeMetrics).flatMap((s) => s.metrics).flatMap((m) => m.dataPoints);
  await provider.shutdown();
  return points.reduce((sum, p) => sum + p.value, 0);
}
const without = [{ instrumentName: 'users', attributesProcessors: [createAllowListAttributesProcessor([])] }];
console.log(
  await total(without, (result) => { result.observe(20, { plan: 'free' }); result.observe(5, { plan: 'pro' }); }),
  await total([], (result) => { for (let user = 0; user < 3000; user++) result.observe(1, { user }); }),
);
NODE

cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId><artifactId>users</artifactId><version>1</version>
  <dependencies><dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-sdk-testing</artifactId><version>1.68.0</version></dependency></dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$folder/jars" >/dev/null
cat >Users.java <<'JAVA'
import io.opentelemetry.api.common.*;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.sdk.metrics.*;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.Set;
import java.util.function.Consumer;

public class Users {
  static long total(boolean view, Consumer<ObservableLongMeasurement> observe) {
    var reader = InMemoryMetricReader.create();
    var provider = SdkMeterProvider.builder().registerMetricReader(reader);
    if (view) provider.registerView(InstrumentSelector.builder().setName("users").build(), View.builder().setAttributeFilter(Set.of()).build());
    provider.build().get("shop").counterBuilder("users").buildWithCallback(observe);
    return reader.collectAllMetrics().stream().flatMap(m -> m.getLongSumData().getPoints().stream()).mapToLong(p -> p.getValue()).sum();
  }
  public static void main(String[] args) {
    var plan = AttributeKey.stringKey("plan");
    var user = AttributeKey.longKey("user");
    System.out.println(total(true, o -> { o.record(20, Attributes.of(plan, "free")); o.record(5, Attributes.of(plan, "pro")); })
        + " " + total(false, o -> { for (long i = 0; i < 3000; i++) o.record(1, Attributes.of(user, i)); }));
  }
}
JAVA

mkdir go
cat >go/main.go <<'GO'
package main

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func total(observe func(metric.Int64Observer), views ...sdk.View) (sum int64) {
	reader := sdk.NewManualReader()
	meter := sdk.NewMeterProvider(sdk.WithReader(reader), sdk.WithView(views...)).Meter("shop")
	_, err := meter.Int64ObservableCounter("users", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		observe(o)
		return nil
	}))
	var found metricdata.ResourceMetrics
	if err == nil {
		err = reader.Collect(context.Background(), &found)
	}
	if err != nil {
		panic(err)
	}
	for _, p := range found.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64]).DataPoints {
		sum += p.Value
	}
	return sum
}

func main() {
	without := sdk.NewView(sdk.Instrument{Name: "users"}, sdk.Stream{AttributeFilter: attribute.NewAllowKeysFilter()})
	fmt.Println(total(func(o metric.Int64Observer) {
		o.Observe(20, metric.WithAttributes(attribute.String("plan", "free")))
		o.Observe(5, metric.WithAttributes(attribute.String("plan", "pro")))
	}, without), total(func(o metric.Int64Observer) {
		for user := range 3000 {
			o.Observe(1, metric.WithAttributes(attribute.Int("user", user)))
		}
	}))
}
GO
cat >go/go.mod <<'MOD'
module example.com/users

go 1.25.0

require (
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/metric v1.47.0
	go.opentelemetry.io/otel/sdk/metric v1.47.0
)
MOD

mkdir -p rust/src
cat >rust/Cargo.toml <<'TOML'
[package]
name = "users"
version = "1.0.0"
edition = "2021"
[dependencies]
opentelemetry = "=0.33.1"
opentelemetry_sdk = { version = "=0.33.1", features = ["testing", "metrics", "spec_unstable_metrics_views"] }
TOML
cat >rust/src/main.rs <<'RUST'
use opentelemetry::metrics::MeterProvider;
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, Instrument, SdkMeterProvider, Stream};

fn total(without: bool, observations: Vec<(u64, KeyValue)>) -> u64 {
    let exporter = InMemoryMetricExporter::default();
    let mut builder = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone());
    if without {
        builder = builder.with_view(|_: &Instrument| Stream::builder().with_allowed_attribute_keys(vec![]).build().ok());
    }
    let provider = builder.build();
    provider
        .meter("shop")
        .u64_observable_counter("users")
        .with_callback(move |o| observations.iter().for_each(|(n, of)| o.observe(*n, &[of.clone()])))
        .build();
    provider.force_flush().unwrap();
    let mut sum = 0;
    for resource in exporter.get_finished_metrics().unwrap() {
        for metric in resource.scope_metrics().flat_map(|s| s.metrics()) {
            if let AggregatedMetrics::U64(MetricData::Sum(points)) = metric.data() {
                sum += points.data_points().map(|p| p.value()).sum::<u64>();
            }
        }
    }
    sum
}

fn main() {
    let plans = vec![(20, KeyValue::new("plan", "free")), (5, KeyValue::new("plan", "pro"))];
    let users = (0..3000).map(|i| (1, KeyValue::new("user", i as i64))).collect();
    println!("{} {}", total(true, plans), total(false, users));
}
RUST

python=$(venv/bin/python users.py)
java=$(java -cp "jars/*" Users.java 2>/dev/null)
go=$(cd go && GOFLAGS=-mod=mod go run .)
node=$(node users.mjs)
rust=$(cargo run --quiet --manifest-path rust/Cargo.toml)
echo "without the plan, and past the limit: Python $python; Java $java; Go $go; Node.js $node; Rust $rust"
[ "$python" = "25 3000" ]
[ "$java" = "25 3000" ]
[ "$go" = "25 3000" ]
[ "$node" = "5 2000" ]
[ "$rust" = "5 2001" ]
