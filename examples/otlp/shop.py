# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

"""A shop in Python that counts with OpenTelemetry's SDK and sends to headcount on this machine.

    pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
    headcount --config app:otlp --config file:profile.yaml
    python shop.py
"""

from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

# The SDK draws a service.instance.id of its own in each process; headcount gives the installation one that stays.
resource = Resource.create({"service.name": "shop", "service.version": "2.7.1"})
reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=60_000)
provider = MeterProvider(resource=resource, metric_readers=[reader])
metrics.set_meter_provider(provider)

meter = metrics.get_meter("shop")
orders = meter.create_counter("shop.orders", unit="{order}")
baskets = meter.create_up_down_counter("shop.baskets", unit="{basket}")

orders.add(54)
baskets.add(7)
provider.shutdown()  # sends what was counted
