# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

"""Prints as JSON the flags and the bytes, in base64, of what write.* wrote."""

import base64
import json
import re
import socket
import sys

KEYS = "zero int negative large float single true false text digits umlaut empty list long byte date raw compressed object".split()
CLIENTS = "pymemcache pylibmc python-memcached dalli spymemcached xmemcached php node".split()

with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as server:
    stream = server.makefile("rb")
    print("{")
    lines = []
    for client in CLIENTS:
        for key in KEYS:
            server.sendall(f"get {client}:{key}\r\n".encode())
            header = stream.readline()
            if found := re.match(rb"VALUE \S+ (\d+) (\d+)\r\n", header):
                data = stream.read(int(found[2]) + 2)[:-2]
                stream.readline()
                lines.append(f' "{client}:{key}": [{int(found[1])}, {json.dumps(base64.b64encode(data).decode())}]')
    print(",\n".join(lines))
    print("}")
