// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

import io.opentelemetry.api.trace.*;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;

public class Waits {
  public static void main(String[] args) {
    var sdk = AutoConfiguredOpenTelemetrySdk.builder().addPropertiesSupplier(() -> Map.of(
        "otel.service.name", "shop",
        "otel.resource.attributes", "service.version=2.7.1",
        "otel.exporter.otlp.protocol", "http/protobuf",
        "otel.exporter.otlp.metrics.default.histogram.aggregation", "BASE2_EXPONENTIAL_BUCKET_HISTOGRAM",
        "otel.traces.exporter", "none",
        "otel.logs.exporter", "none")).build().getOpenTelemetrySdk();
    var meter = sdk.getMeter("shop");
    var orders = meter.counterBuilder("shop.orders").build();
    var waits = meter.histogramBuilder("shop.waits").setUnit("ms").build();
    var sampled = SpanContext.create("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault());
    try (var scope = Span.wrap(sampled).makeCurrent()) {
      orders.add(54);
      for (int n = 0; n < 57; n++) waits.record(1 + n * 1.5);
    }
    sdk.close();
  }
}
