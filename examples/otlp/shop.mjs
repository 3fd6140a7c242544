// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// A shop in Node that counts with OpenTelemetry's SDK and sends to headcount on this machine.
//
//     npm ci
//     headcount --config app:otlp --config file:profile.yaml
//     node shop.mjs

import { ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const provider = new MeterProvider({
  resource: resourceFromAttributes({ 'service.name': 'shop', 'service.version': '2.7.1' }),
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 60_000 })],
});
const meter = provider.getMeter('shop');
// Without INT the SDK counts in doubles, and the report says 54.0.
const orders = meter.createCounter('shop.orders', { unit: '{order}', valueType: ValueType.INT });
const baskets = meter.createUpDownCounter('shop.baskets', { unit: '{basket}', valueType: ValueType.INT });

orders.add(54);
baskets.add(7);
await provider.shutdown(); // sends what was counted
