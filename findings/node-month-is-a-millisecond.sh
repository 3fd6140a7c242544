#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a reader of the SDK for Node.js that is told to export every 30 days, in milliseconds as the option wants them,
#            exports after 30 days, or refuses the number when it is made.
# Version:   @opentelemetry/sdk-metrics 3.1.1, Node.js 20.
# Seen:      it exports every millisecond: hundreds of reports in the first two seconds. Node.js keeps a timer's time in 31 bits,
#            which end after 24.8 days, and takes what is longer for one millisecond, with a warning of its own that names
#            neither the SDK nor the option. 24 days are 24 days.
# For us:    an application that means to report once a month floods whoever takes its reports, here the Collector
#            beside it, for as long as it runs. Let the application export at least weekly, and say the month where the
#            report is paced: `interval` of a stat.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 >/dev/null
cat >month.mjs <<'NODE'
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
let exports = 0;
const exporter = {
  export(metrics, done) { exports++; done({ code: 0 }); },
  selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
  forceFlush: async () => {},
  shutdown: async () => {},
};
const exportIntervalMillis = Number(process.argv[2]) * 24 * 60 * 60 * 1000;
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis: 1000 })] });
provider.getMeter('shop').createCounter('shop.orders').add(1);
setTimeout(() => { console.log(exports); process.exit(0); }, 2000);
NODE
few=$(node month.mjs 24)
many=$(node month.mjs 30 2>warning)
echo "every 24 days: $few exports in two seconds; every 30 days: $many"
cat warning
[ "$few" = 0 ]
[ "$many" -gt 10 ]
grep -q TimeoutOverflowWarning warning
