#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a sketch of distinct values counts the empty text as one of them, as count(DISTINCT) does.
# Version:   datasketches 5.2.0 of PyPI (the C++ library), duckdb 2.0.1 beside it.
# Seen:      HLL, CPC and theta sketches of "", "a" and "b" each estimate 2; of " ", "a" and "b" 3. DuckDB counts 3 of
#            both. Each update() of a text returns at once where the text is empty, so that a sketch that saw nothing but
#            empty texts says it is empty. A sketch of frequent texts, of the same library, counts it.
# For us:    makers who keep sketches by day to count kinds (plans, locales, themes) over any time have one less than
#            their table says as soon as an installation says "", and a theta sketch's "in this month and not in the last"
#            cannot find it. Give the empty text a word before it is counted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check datasketches==5.2.0 duckdb==2.0.1
venv/bin/python - <<'PYTHON'
import sys
import datasketches as sketches, duckdb

seen = {}
for first in ("", " "):
    made = {"HLL": sketches.hll_sketch(12), "CPC": sketches.cpc_sketch(12), "theta": sketches.update_theta_sketch(12)}
    for sketch in made.values():
        for text in (first, "a", "b", first):
            sketch.update(text)
    frequent = sketches.frequent_strings_sketch(5)
    frequent.update(first)
    seen[first] = [round(sketch.get_estimate()) for sketch in made.values()]
    seen[first] += [frequent.get_estimate(first), duckdb.sql(f"SELECT count(DISTINCT t) FROM (VALUES ('{first}'), ('a'), ('b')) texts(t)").fetchall()[0][0]]
    print(f"{first!r}, 'a', 'b': HLL, CPC and theta {seen[first][:3]}, how often {first!r} is {seen[first][3]}, DuckDB {seen[first][4]}")
sys.exit(seen != {"": [2, 2, 2, 1, 3], " ": [3, 3, 3, 1, 3]})
PYTHON
