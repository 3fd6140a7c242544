# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=60_000)
provider = MeterProvider(
    resource=Resource.create({"service.name": "shop", "service.version": "2.7.1"}), metric_readers=[reader],
    views=[View(instrument_name="shop.waits", aggregation=ExponentialBucketHistogramAggregation())])
meter = provider.get_meter("shop")
orders = meter.create_counter("shop.orders")
waits = meter.create_histogram("shop.waits", unit="ms")
with TracerProvider().get_tracer("shop").start_as_current_span("a sampled one"):
    orders.add(54)
    for n in range(57):
        waits.record(1 + n * 1.5)
provider.shutdown()
