#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     to put times into buckets of seven days is, within one tool, to put them into weeks; and two tools that both
#            have weeks from Monday on agree on buckets of two.
# Version:   ClickHouse's engine 26.9 of PyPI chdb 4.4.0, Polars 2.1.0, pyarrow 26.0.1, DuckDB 2.0.1.
# Seen:      the Sunday 2026-11-29 is in the week of Monday the 23rd to each of them. Its seven days begin on Thursday the
#            26th to ClickHouse, Polars and pyarrow, which count days from 1970-01-01, a Thursday, and on Monday the 23rd
#            to DuckDB, which counts from 2000-01-03. Its two weeks begin on the 23rd to ClickHouse and Polars and on the
#            16th to pyarrow and DuckDB. Each is right by its own origin: no call names one.
# For us:    the anonymizer cuts times by steps from 1970-01-01 too: `truncate: 168h` leaves Thursdays, so that a report
#            of Tuesday has the week before to INTERVAL 1 WEEK, and is right by INTERVAL 7 DAY. Weeks from Monday on are
#            told of days (24h, the default), by INTERVAL 1 WEEK; "two weeks" of two stores are other weeks, so tell one
#            at a time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check chdb==4.4.0 polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.1
venv/bin/python - <<'PYTHON'
import datetime, sys
import duckdb, polars, pyarrow, pyarrow.compute
from chdb import session

day = datetime.date(2026, 11, 29)
engine = session.Session()
spans = ("7 days", 7, "DAY", "day", "7d"), ("1 week", 1, "WEEK", "week", "1w"), ("2 weeks", 2, "WEEK", "week", "2w")
seen = {}
for name, n, unit, small, short in spans:
    seen[name] = (
        engine.query(f"SELECT toDate(toStartOfInterval(toDate('{day}'), INTERVAL {n} {unit}))", "TSV").bytes().decode().strip()[-2:],
        str(polars.Series([day]).dt.truncate(short)[0])[-2:],
        str(pyarrow.compute.floor_temporal(pyarrow.array([day]).cast(pyarrow.timestamp("s")), n, small)[0].as_py().date())[-2:],
        str(duckdb.sql(f"SELECT time_bucket(INTERVAL {n} {unit}, DATE '{day}')").fetchall()[0][0])[-2:],
    )
    print(f"{name} around {day} begin in November on the: ClickHouse {seen[name][0]}, Polars {seen[name][1]}, pyarrow {seen[name][2]}, DuckDB {seen[name][3]}")
sys.exit(seen != {"7 days": ("26", "26", "26", "23"), "1 week": ("23",) * 4, "2 weeks": ("23", "23", "16", "16")})
PYTHON
