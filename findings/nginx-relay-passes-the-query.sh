#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a location of nginx that matches one path exactly, passes no request headers and names a whole URL in
#            proxy_pass passes on the body and nothing else of a request.
# Version:   Debian's nginx 1.22.1-9+deb12u11.
# Seen:      the query of the request is added to the URL that proxy_pass names: /relay?id=7 reaches the other
#            side as /gateway?id=7. With `set $args "";` it does not.
# For us:    a relay for Oblivious HTTP that is meant to hide the sender lets through what a sender, or somebody on
#            the way, writes behind the path. docs/oblivious.md empties it.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -o APT::Sandbox::User=root download -q nginx=1.22.1-9+deb12u11 >/dev/null
dpkg -x nginx_*.deb root
program=$folder/root/usr/sbin/nginx

python3 - <<'PYTHON' >address &
import http.server

class Gateway(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
for _ in $(seq 100); do [ -s address ] && break; sleep 0.1; done
port=$(cat address)

relayed() {
  cat >nginx.conf <<CONF
daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen unix:$folder/relay;
    location = /relay {
      $1
      proxy_pass http://127.0.0.1:$port/gateway;
      proxy_pass_request_headers off;
      proxy_set_header Content-Length \$content_length;
    }
  }
}
CONF
  "$program" -p "$folder" -c nginx.conf &
  for _ in $(seq 100); do [ -S relay ] && break; sleep 0.1; done
  curl -s --unix-socket relay -d report 'http://relay/relay?id=7'
  kill "$(cat nginx.pid)"
  wait $! 2>/dev/null || true
  rm -f relay
}

plain=$(relayed '')
emptied=$(relayed 'set $args "";')
echo "proxy_pass alone: $plain; with \$args emptied: $emptied"
[ "$plain" = '/gateway?id=7' ] && [ "$emptied" = /gateway ]
