#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     Python's memcached clients share their flags, since Django swaps one backend for another.
# Version:   pymemcache 4.0.0, pylibmc 1.6.3, Debian's memcached.
# Seen:      pylibmc writes True under the flag 2 under which pymemcache writes integers: read by pymemcache,
#            True is the integer 1. pylibmc's own integers have flag 4, and it reads pymemcache's 57 as 57.
# For us:    a value's flags say nothing without the client that set them: write `client`.
set -euo pipefail
folder=$(mktemp -d)
memcached -u nobody -s "$folder/socket" -a 0777 &
server=$!
trap 'kill "$server"; rm -rf "$folder"' EXIT
chmod 777 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pymemcache==4.0.0 pylibmc==1.6.3
"$folder/venv/bin/python" - "$folder/socket" <<'PYTHON'
import sys
import pylibmc
from pymemcache import serde
from pymemcache.client.base import Client

one = Client(sys.argv[1], serde=serde.pickle_serde)
two = pylibmc.Client([sys.argv[1]])
one.set("users", 57)
two.set("open", True)
seen = two.get("users"), one.get("open")
print("pylibmc reads pymemcache's 57 as", repr(seen[0]), "and pymemcache pylibmc's True as", repr(seen[1]))
sys.exit(seen != (57, 1) or seen[1] is True)
PYTHON
