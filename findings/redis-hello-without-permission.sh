#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a Redis user who may run GET alone cannot learn whether the server is a replica or in a cluster.
# Version:   Debian 12's Redis 7.0.15.
# Seen:      HELLO answers with mode and role for every user who is logged in; ROLE, INFO and CLUSTER are refused.
# For us:    what a server is can be told without more permissions; whether a replica is synchronized cannot.
set -euo pipefail
folder=$(mktemp -d)
redis-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --save "" >/dev/null &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -rf "$folder"' EXIT
until redis-cli -s "$folder/socket" ping >/dev/null 2>&1; do sleep 0.1; done
redis-cli -s "$folder/socket" acl setuser reader on '>pw' '~*' +get >/dev/null
as() { redis-cli -s "$folder/socket" --user reader --pass pw --no-auth-warning "$@" 2>&1; }
hello=$(as hello 2)
echo "HELLO: $(echo "$hello" | tr '\n' ' ')"
for command in role info "cluster info"; do echo "$command: $(as $command | head -1)"; done
echo "$hello" | grep -qx standalone && echo "$hello" | grep -qx master
for command in role info "cluster info"; do as $command | grep -q NOPERM; done
