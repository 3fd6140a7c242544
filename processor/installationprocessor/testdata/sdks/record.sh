#!/bin/sh
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

# Records in *.binpb what the SDKs send of exponential histograms in a sampled span. It needs Python, npm, Maven and Java.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp-proto-http==1.45.2
npm install --silent --no-audit --no-fund --prefix . @opentelemetry/sdk-metrics@3.1.1 @opentelemetry/exporter-metrics-otlp-proto@0.301.0 @opentelemetry/resources@3.1.1
mvn -q -B -f "$here/../../../../examples/otlp/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/jars"
cp "$here/waits.mjs" .
export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14399
record() {
  python3 "$here/receive.py" "$here/$1.binpb" &
  sleep 1
  shift
  "$@"
  wait $!
}
record python venv/bin/python "$here/waits.py"
record node node waits.mjs
record java java -cp 'jars/*' "$here/Waits.java"
