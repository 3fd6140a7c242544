#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     quantileExact and quantileExactWeighted with every weight 1 say the same: the first is the second without
#            weights.
# Version:   ClickHouse's engine 26.9 of PyPI chdb 4.4.0; DuckDB 2.0.1 beside it.
# Seen:      the median of 1, 2, 3 and 4 is 3 by quantileExact and 2 by quantileExactWeighted; the ninth decile of 1 to 10
#            is 10 and 9. The first takes the element that stands behind level times count, the second the first at which
#            the weights add up to level times their sum, as quantileExactLow and DuckDB's quantile_disc do. Of an odd
#            number, as of 1 to 5, both say 3. Their documentation (quantileExactWeighted) says that a value
#            counts as if it stood there that often, and offers it in place of quantileExact, with a weight of 1.
# For us:    who replaces a table of one row an installation by one of values and how many installations said them, to
#            keep less, and writes quantileExactWeighted for quantileExact, sees the median move though nobody reported
#            anything else: with few installations, or with ranges as values, by a whole step. Choose one function for
#            both tables.
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
def ask(what, last):
    return float(engine.query(f"SELECT {what} FROM (SELECT number + 1 AS users, 1 AS installations FROM numbers({last}))", "TSV").bytes())
print("engine", engine.query("SELECT version()", "TSVRaw").bytes().decode().strip())
seen = []
for level, last in ((0.5, 4), (0.9, 10), (0.5, 5)):
    plain = ask(f"quantileExact({level})(users)", last)
    weighted = ask(f"quantileExactWeighted({level})(users, installations)", last)
    disc = float(duckdb.sql(f"SELECT quantile_disc(range, {level}) FROM range(1, {last + 1})").fetchall()[0][0])
    print(f"the quantile {level} of 1 to {last}: quantileExact {plain:g}, quantileExactWeighted by weights of 1 {weighted:g}, DuckDB's quantile_disc {disc:g}")
    seen.append((plain, weighted, disc))
sys.exit(seen != [(3, 2, 2), (10, 9, 9), (3, 3, 3)])
PYTHON
