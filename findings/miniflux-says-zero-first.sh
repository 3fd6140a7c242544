#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     none was written down before the run; what was expected was the number of users from the first answer on.
# Version:   Miniflux 2.3.5, PostgreSQL of Debian.
# Seen:      with one user in its database Miniflux exposes `miniflux_users 0` from its start until METRICS_REFRESH_INTERVAL has
#            passed for the first time, a minute by default; here it is set to ten seconds. What has labels, as miniflux_feeds, is absent
#            until then, so that only the zero looks like an answer.
# For us:    who reads an endpoint soon after the machine started reports an installation without users. An `initial_delay` longer
#            than the interval is the remedy; the endpoint does not tell whether it has counted.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'kill "${miniflux:-}" "${postgres:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" GOFLAGS=-modcacherw go install miniflux.app/v2@v2.3.5
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
install -d -m 700 data
if [ "$(id -u)" = 0 ]; then chown 65534:65534 data; fi
port=$((20000 + RANDOM % 10000))
"${as[@]}" "$bin/initdb" -D "$folder/data" -U owner -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= 2>/dev/null &
postgres=$!
until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do sleep 0.2; done
export DATABASE_URL="postgres://owner@127.0.0.1:$port/postgres?sslmode=disable" LISTEN_ADDR="127.0.0.1:$((port + 1))"
export RUN_MIGRATIONS=1 CREATE_ADMIN=1 ADMIN_USERNAME=admin ADMIN_PASSWORD=not-for-others METRICS_COLLECTOR=1 METRICS_REFRESH_INTERVAL=10
./miniflux.app 2>/dev/null &
miniflux=$!
until curl -sf "http://$LISTEN_ADDR/healthcheck" >/dev/null; do sleep 0.2; done
figures() { curl -s "http://$LISTEN_ADDR/metrics" | grep -E '^miniflux_(users|feeds)' | tr '\n' ' '; }
first=$(figures)
echo "after the start:    $first"
sleep 12
then=$(figures)
echo "after the interval: $then"
[ "$first" = "miniflux_users 0 " ]
grep -q "miniflux_users 1" <<<"$then"
