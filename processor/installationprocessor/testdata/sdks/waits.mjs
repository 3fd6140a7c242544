// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

import { context, trace, ValueType } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'

const provider = new MeterProvider({
  resource: resourceFromAttributes({ 'service.name': 'shop', 'service.version': '2.7.1' }),
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 60_000 })],
  views: [{ instrumentName: 'shop.waits', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
})
const meter = provider.getMeter('shop')
const orders = meter.createCounter('shop.orders', { valueType: ValueType.INT })
const waits = meter.createHistogram('shop.waits', { unit: 'ms' })
const sampled = trace.setSpanContext(context.active(), { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 })
orders.add(54, {}, sampled)
for (let n = 0; n < 57; n++) waits.record(1 + n * 1.5, {}, sampled)
await provider.shutdown()
