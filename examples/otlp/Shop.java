// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// A shop in Java that counts with OpenTelemetry's SDK and sends to headcount on this machine.
//
//     mvn dependency:copy-dependencies -DoutputDirectory=jars
//     headcount --config app:otlp --config file:profile.yaml
//     java -cp 'jars/*' Shop.java

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;

public class Shop {
  public static void main(String[] args) {
    // The SDK draws a service.instance.id of its own in each process; headcount gives the installation one that stays.
    var sdk = AutoConfiguredOpenTelemetrySdk.builder().addPropertiesSupplier(() -> Map.of(
        "otel.service.name", "shop",
        "otel.resource.attributes", "service.version=2.7.1",
        "otel.exporter.otlp.protocol", "http/protobuf",
        "otel.traces.exporter", "none",
        "otel.logs.exporter", "none")).build().getOpenTelemetrySdk();
    var meter = sdk.getMeter("shop");
    var orders = meter.counterBuilder("shop.orders").setUnit("{order}").build();
    var baskets = meter.upDownCounterBuilder("shop.baskets").setUnit("{basket}").build();

    orders.add(54);
    baskets.add(7);
    sdk.close(); // sends what was counted
  }
}
