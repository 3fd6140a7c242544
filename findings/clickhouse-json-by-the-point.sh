#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     in a column of type JSON 54 and 54.0 are one number: data.users.:Int64 reads both, or .:Float64 does.
# Version:   ClickHouse's engine 26.9 of PyPI chdb 4.4.0; duckdb 2.0.1 beside it.
# Seen:      each row keeps the type that its own text has. Of 54, 54.0, 10 and 10.0 sum(.:Int64) is 64, sum(.:Float64) is
#            64, and the sum is 128; uniqExact counts 4 numbers where there are 2. Both print as 54. The cast ::Float64
#            reads all four; its neighbour ::Int64 reads 54.5 as 54. DuckDB's read_json makes one column of doubles of it.
#            ClickHouse's documentation offers `.:Type` as a subcolumn that is NULL where the type is another; the
#            surprise is which type a number has.
# For us:    an application in Node.js counts in doubles, so that its stats say 54.0, and one in Go or Python 54
#            (docs/otlp.md): a maker's sum over a JSON column leaves out all of either. Declare it, JSON(users Float64),
#            or cast.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check chdb==4.4.0 duckdb==2.0.1
venv/bin/python - <<'PYTHON'
import sys, duckdb
from chdb import session

values = "54", "54.0", "10", "10.0"
engine = session.Session()
engine.query("CREATE DATABASE makers")
for table, kind in (("plain", "JSON"), ("declared", "JSON(users Float64)")):
    engine.query(f"CREATE TABLE makers.{table} (data {kind}) ENGINE = MergeTree ORDER BY tuple()")
    engine.query(f"INSERT INTO makers.{table} FORMAT JSONEachRow " + " ".join('{"data": {"users": %s}}' % v for v in values))
def ask(what, table="plain"):
    return float(engine.query(f"SELECT {what} FROM makers.{table}", "TSV").bytes())
whats = "sum(data.users.:Int64)", "sum(data.users.:Float64)", "uniqExact(data.users)", "sum(data.users::Float64)"
seen = [ask(what) for what in whats] + [ask("sum(data.users)", "declared")]
with open("reports.ndjson", "w") as file:
    file.writelines('{"users": %s}\n' % v for v in values)
seen += [float(n) for n in duckdb.sql("SELECT sum(users), count(DISTINCT users) FROM 'reports.ndjson'").fetchall()[0]]
for what, number in zip((*whats, "declared as Float64, sum(data.users)", "DuckDB, sum", "DuckDB, distinct"), seen):
    print(f"{what}: {number:g}")
sys.exit(seen != [64, 64, 4, 128, 128, 128, 2])
PYTHON
