#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     ClickHouse counts distinct pairs as PostgreSQL does: a pair with a NULL in it is a pair, and count(DISTINCT a, b),
#            uniqExact(a, b) and the groups of GROUP BY a, b are as many.
# Version:   ClickHouse's engine 26.9 of PyPI chdb 4.4.0, duckdb 2.0.1.
# Seen:      of the pairs (free, Germany), (free, unknown) and (unknown, unknown), with NULL for unknown, count(DISTINCT a, b),
#            uniq(a, b) and uniqExact(a, b) count one: a row with any NULL is left out. With one more pair of parentheses,
#            count(DISTINCT (a, b)), it is three, as many as there are groups. DuckDB says three, and so did PostgreSQL
#            18.0 (by hand); MariaDB 10.11, which has no such parentheses, said one.
# For us:    a makers' question "how many kinds of installations are there" leaves out each installation that did not say one of
#            the attributes, which is what an absent attribute is in a stat. Write the parentheses.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check chdb==4.4.0 duckdb==2.0.1
venv/bin/python - <<'PYTHON'
import sys, duckdb
from chdb import session

engine = session.Session()
engine.query("CREATE DATABASE makers")
engine.query("CREATE TABLE makers.said (plan Nullable(String), country Nullable(String)) ENGINE = MergeTree ORDER BY tuple()")
rows = "('free', 'de'), ('free', NULL), (NULL, NULL), ('free', NULL)"
engine.query(f"INSERT INTO makers.said VALUES {rows}")
def ask(what):
    return int(engine.query(f"SELECT {what} FROM makers.said", "TSV").bytes())
counts = {what: ask(what) for what in ("count(DISTINCT plan, country)", "uniq(plan, country)", "uniqExact(plan, country)", "count(DISTINCT (plan, country))")}
counts["groups"] = int(engine.query("SELECT count() FROM (SELECT plan, country FROM makers.said GROUP BY plan, country)", "TSV").bytes())
other = duckdb.sql(f"SELECT count(DISTINCT (plan, country)) FROM (VALUES {rows}) said(plan, country)").fetchall()[0][0]
for what, count in counts.items():
    print(f"{what}: {count}")
print(f"DuckDB: {other}")
sys.exit(not (list(counts.values()) == [1, 1, 1, 3, 3] and other == 3))
PYTHON
