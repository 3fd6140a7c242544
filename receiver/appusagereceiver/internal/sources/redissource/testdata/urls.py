# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

"""Prints what real clients take from the URLs that stand as JSON on standard input."""

import json
import ssl
import sys
from types import SimpleNamespace

import redis
import valkey
from kombu import Connection
from kombu.transport.redis import Channel


class Parameters(Channel):
    """Kombu's reading of a URL without its first connection."""

    def __init__(self, client):
        self.connection = SimpleNamespace(client=client, default_port=6379)

    def close(self):
        pass


def by_kombu(url):
    settings = Parameters(Connection(url))._connparams()
    return {"address": settings["path"], "database": int(settings["db"])}


def by_pool(library, url):
    pool = library.ConnectionPool.from_url(url)
    settings = pool.connection_kwargs
    host = settings.get("host", "localhost")
    host = f"[{host}]" if ":" in host else host
    encrypted = pool.connection_class.__name__ == "SSLConnection"
    return {
        "address": settings.get("path") or f"{host}:{settings.get('port', 6379)}",
        "user": settings.get("username") or "",
        "password": settings.get("password") or "",
        "database": int(settings.get("db", 0)),
        "tls": encrypted,
        "unverified": encrypted and settings.get("ssl_cert_reqs") in ("none", "CERT_NONE", ssl.CERT_NONE),
    }


found = {}
for url in json.load(sys.stdin):
    if url.startswith("redis+socket"):
        found[url] = by_kombu(url)
    else:
        found[url] = by_pool(valkey if url.startswith("valkey") else redis, url)
print(json.dumps(found))
