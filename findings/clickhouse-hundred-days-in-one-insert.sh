#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess: reports that waited (a backlog in Kafka, installations that were off, clocks that are wrong) may be
# written to clickhouseexporter's own table in whatever batches they come.
# Seen (clickhouseexporter v0.165.1, ClickHouse's engine 26.9 of PyPI chdb 4.4.0): the exporter's table has one
# partition a day of the points' own time, and the engine takes rows of no more than 100 partitions in one
# insert. A batch in which 101 days meet is refused whole, however few rows it has; the exporter takes the
# refusal for a fault that passes and tries the same batch again.
# For our users: a table whose partitions follow the reports' own time is stopped by one batch of mixed times.
# docs/deploying/scaling/schema.sql has no partitions.
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
engine.query(open(sys.argv[1]).read() % ("otel", "metrics", "", "MergeTree()", ""))
print("engine", engine.query("SELECT version()", "TSVRaw").bytes().decode().strip())
outcomes = []
for days in (100, 101):
    try:
        engine.query(
            "INSERT INTO otel.metrics (ServiceName, MetricName, TimeUnix, Value) "
            f"SELECT 'shop', 'shop.users', toDateTime('2026-11-01 00:00:00') - toIntervalDay(number), 1 FROM numbers({days})"
        )
        outcomes.append("taken")
    except Exception as failure:
        outcomes.append("refused: " + " ".join(str(failure).split())[:160])
    print(f"one insert of {days} rows, one of each day: {outcomes[-1]}")
sys.exit(0 if outcomes[0] == "taken" and "partitions" in outcomes[1] else 1)
PYTHON
