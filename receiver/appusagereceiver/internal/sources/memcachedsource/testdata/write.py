# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

"""Writes with pymemcache, pylibmc and python-memcached."""

import sys

import memcache
import pylibmc
from pymemcache import serde
from pymemcache.client.base import Client

port = int(sys.argv[1])
clients = {
    "pymemcache": Client(("127.0.0.1", port), serde=serde.pickle_serde),
    "pylibmc": pylibmc.Client([f"127.0.0.1:{port}"]),
    "python-memcached": memcache.Client([f"127.0.0.1:{port}"]),
}
values = {
    "zero": 0, "int": 57, "negative": -1204, "large": 1 << 40, "float": 5.25, "true": True, "false": False,
    "text": "5.3", "digits": "57", "umlaut": "größer", "empty": "", "list": [57], "long": "5.3 " * 2000,
}
for name, client in clients.items():
    for key, value in values.items():
        client.set(f"{name}:{key}", value)
pylibmc.Client([f"127.0.0.1:{port}"]).set("pylibmc:compressed", "5.3 " * 2000, min_compress_len=100)
