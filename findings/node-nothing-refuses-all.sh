#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a mean that an application in Node.js computes of nothing, 0/0, reaches a Collector over OTLP as NaN, or that
#            one point is left out; what else the application counts arrives.
# Version:   @opentelemetry/exporter-metrics-otlp-http and -otlp-proto 0.301.0, sdk-metrics 3.1.1; the Collector's pdata
#            v1.71.0.
# Seen:      the JSON exporter writes NaN as JSON.stringify does, "asDouble":null. The Collector's reader takes for a
#            double a number or a text ("NaN" is one), and of null says "unsupported value type" (Iterator.ReadFloat64):
#            the whole request is refused, with every counter in it. The protobuf exporter's request is read, NaN and
#            counters.
# For us:    one gauge without a value stops all stats of the process, with the first installation that has nothing yet,
#            and not at its maker's. Send protobuf, and do not observe what has no value.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 \
  @opentelemetry/exporter-metrics-otlp-http@0.301.0 @opentelemetry/exporter-metrics-otlp-proto@0.301.0 >/dev/null
cat >mean.mjs <<'NODE'
import fs from 'node:fs';
import http from 'node:http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { OTLPMetricExporter as JSONExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';

async function send(Exporter, orders, file) {
  const bodies = [];
  const server = http.createServer((request, answer) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => { bodies.push(Buffer.concat(parts)); answer.end(); });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const exporter = new Exporter({ url: `http://127.0.0.1:${server.address().port}/v1/metrics` });
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
  const meter = provider.getMeter('shop');
  meter.createCounter('visits').add(3);
  meter.createObservableGauge('basket').addCallback((result) => result.observe((orders * 9.5) / orders));
  await provider.forceFlush();
  fs.writeFileSync(file, bodies[0]);
  await provider.shutdown();
  server.close();
}
await send(JSONExporter, 2, 'two.json');
await send(JSONExporter, 0, 'none.json');
await send(ProtobufExporter, 0, 'none.pb');
NODE
node mean.mjs
cat >go.mod <<'MOD'
module example.com/mean

go 1.26

require go.opentelemetry.io/collector/pdata v1.71.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

func main() {
	for _, file := range os.Args[1:] {
		body, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		request := pmetricotlp.NewExportRequest()
		read := request.UnmarshalProto
		if strings.HasSuffix(file, ".json") {
			read = request.UnmarshalJSON
		}
		if err := read(body); err != nil {
			fmt.Printf("%s: refused\n", file)
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		metrics := request.Metrics().ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
		fmt.Printf("%s: visits %v, basket %v\n", file, metrics.At(0).Sum().DataPoints().At(0).DoubleValue(), metrics.At(1).Gauge().DataPoints().At(0).DoubleValue())
	}
}
GO
GOFLAGS=-mod=mod go run . two.json none.json none.pb | tee seen
diff seen - <<'WANT'
two.json: visits 3, basket 9.5
none.json: refused
none.pb: visits 3, basket NaN
WANT
