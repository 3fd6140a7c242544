# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""ClickHouse's engine (chdb) behind as much of its HTTP interface as a driver needs.

Arguments: the port, the folder of the data, and a file with statements to run first.
"""

import re
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from chdb import session

port, folder, schema = int(sys.argv[1]), sys.argv[2], sys.argv[3]
engine = session.Session(folder)
lock = Lock()  # one engine, one question at a time


def hello():
    """The answer to a driver's first question, in its own version's form, and that all others come in version 0."""
    def text(value):
        return bytes([len(value)]) + value.encode()

    answer = b"\x01\x00\x02\xff\xff\xff\xff\x00" + b"\x04\x01"  # the block's info, 4 columns, 1 row
    for name, type, value in (
        ("displayName()", "String", text("chdb")),
        ("version()", "String", text(run("SELECT version()", "TSVRaw").decode().strip())),
        ("revision()", "UInt32", b"\x00\x00\x00\x00"),
        ("timezone()", "String", text("UTC")),
    ):
        answer += text(name) + text(type) + b"\x00" + value
    return answer


def run(sql, format):
    with lock:
        return engine.query(sql, format).bytes()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(body)

    def answer(self, body):
        asked = parse_qs(urlsplit(self.path).query)
        sql = asked.get("query", [""])[0]
        try:
            if re.match(r"\s*INSERT\b", sql, re.I):
                with tempfile.NamedTemporaryFile(suffix=".native") as file:
                    file.write(body)
                    file.flush()
                    into = re.sub(r"\s+(VALUES|FORMAT)\b.*$", "", sql, flags=re.I | re.S)
                    result = run(f"{into} FROM INFILE '{file.name}' FORMAT Native", "Native")
            elif "displayName()" in body.decode(errors="replace"):
                result = hello()
            else:
                result = run(sql or body.decode(), asked.get("default_format", ["Native"])[0])
            status = 200
        except Exception as failure:  # as ClickHouse does: the text of the failure
            result, status = str(failure).encode(), 500
        self.send_response(status)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("Content-Length", str(len(result)))
        self.end_headers()
        self.wfile.write(result)

    def log_message(self, *_):
        pass


for statement in open(schema).read().split(";\n"):
    if statement.strip():
        run(statement, "Native")
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
