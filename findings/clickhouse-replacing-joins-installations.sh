#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess: to make clickhouseexporter's rows of metrics count once when Kafka brings a batch twice, it is enough
# to set its `table_engine: {name: ReplacingMergeTree}`: rows that are equal in all that tells them apart are
# joined, and others stay.
# Seen (clickhouseexporter v0.165.1, ClickHouse's engine 26.9 of PyPI chdb 4.4.0): the exporter's table has
# no resource attribute in its sorting key (service name, metric, hour, hash of the point's attributes, time
# in seconds). Two installations with one service name that report one metric in the same second become one
# row, and the other's number is gone.
# For our users: never that option. docs/deploying/scaling/schema.sql has a table with the installation in its key.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check chdb==4.4.0
module=github.com/open-telemetry/opentelemetry-collector-contrib/exporter/clickhouseexporter@v0.165.1
GOFLAGS=-mod=mod go mod download -json "$module" >module.json
ddl=$(python3 -c 'import json; print(json.load(open("module.json"))["Dir"])')/internal/sqltemplates/metrics_gauge_table.sql

venv/bin/python - "$ddl" <<'PYTHON'
import sys
from chdb import session

engine = session.Session()
engine.query("CREATE DATABASE otel")
# the exporter fills in: database, table, cluster, engine, time to live
engine.query(open(sys.argv[1]).read() % ("otel", "metrics", "", "ReplacingMergeTree", ""))
for installation, users in (("one", 20), ("two", 5), ("three", 7)):
    engine.query(
        "INSERT INTO otel.metrics (ResourceAttributes, ServiceName, MetricName, TimeUnix, Value) VALUES "
        f"(map('service.instance.id', '{installation}'), 'shop', 'shop.users', toDateTime('2026-11-01 00:00:00'), {users})"
    )
print("engine", engine.query("SELECT version()", "TSVRaw").bytes().decode().strip())
rows = {}
for final in ("", "FINAL"):
    rows[final] = engine.query(f"SELECT count(), sum(Value) FROM otel.metrics {final}", "TSV").bytes().decode().split()
    print(f"three installations, 32 users in all; {final or 'as written'}: {rows[final][0]} rows, {rows[final][1]} users")
sys.exit(0 if rows[""] == ["3", "32"] and rows["FINAL"][0] == "1" else 1)
PYTHON
