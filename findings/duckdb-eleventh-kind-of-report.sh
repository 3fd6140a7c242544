#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     DuckDB reads a file of JSON lines by the same columns however many kinds of lines there are: `value` is a
#            STRUCT of all keys, and where a line has no such key it is NULL.
# Version:   duckdb 2.0.1, its defaults.
# Seen:      so it is for ten kinds of reports with two keys of their own each. With the eleventh, `value` is MAP(VARCHAR,
#            JSON): the same questions are still answered, and otherwise. The greatest of 0 to 19 is '9', because JSON
#            compares as text, LIKE 'x%' finds none of 20 texts, because they have their quotes on, and a key that is
#            nowhere is NULL instead of an error. avg() is refused. Its documentation: where a key stands on average in
#            fewer than a tenth of the objects (field_appearance_threshold, 0.1) a MAP is made; nothing says so when it
#            happens. With the threshold at 0 it is a STRUCT again.
# For us:    makers who look through reports that were written to a file, one JSON object a line, see numbers change on
#            the day the application reports one stat more. Name the columns, or set the threshold to 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check duckdb==2.0.1
venv/bin/python - <<'PYTHON'
import json, sys, duckdb

questions = ("max(value.users0)", "count(*) FILTER (value.plan0 LIKE 'x%')", "typeof(any_value(value)) LIKE 'MAP%'")
def ask(kinds, options=""):
    with open("reports.ndjson", "w") as file:
        for n in range(20):
            for kind in range(kinds):
                print(json.dumps({"name": f"STAT_{kind}", "value": {f"users{kind}": n, f"plan{kind}": "x"}}), file=file)
    answer = duckdb.sql(f"SELECT {', '.join(questions)} FROM read_json('reports.ndjson'{options})").fetchall()[0]
    print(f"{kinds} kinds{options}: the most users {answer[0]!r}, plans like x {answer[1]}, a MAP {answer[2]}")
    return answer
seen = ask(10), ask(11), ask(11, ", field_appearance_threshold = 0")
sys.exit(seen != ((19, 20, False), ("9", 0, True), (19, 20, False)))
PYTHON
