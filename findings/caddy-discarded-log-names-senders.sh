#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a site of Caddy's with `log { output discard }` writes nothing about a request, also when what is behind it does
#            not answer.
# Version:   Debian's caddy 2.6.2-5.
# Seen:      a request that ends with 502 stands in the default log as an error, with the sender's address, whether the site's
#            log is discarded or not. With `exclude http.log.error` in the global log it does not.
# For us:    a relay for Oblivious HTTP that was set up to keep no addresses keeps them from the moment the makers are
#            away, which is when every installation comes again. docs/oblivious.md has the global log.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -o APT::Sandbox::User=root download -q caddy=2.6.2-5 >/dev/null
dpkg -x caddy_*.deb root
export XDG_DATA_HOME=$folder XDG_CONFIG_HOME=$folder
read -r relay away < <(python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))')

# entries GLOBAL SITE prints how often a sender's address is logged of one request that fails.
entries() {
  printf '{\n\tadmin off\n%s\n}\nhttp://127.0.0.1:%s {\n%s\n\treverse_proxy 127.0.0.1:%s\n}\n' "$1" "$relay" "$2" "$away" >Caddyfile
  root/usr/bin/caddy run --config Caddyfile >log 2>&1 &
  local caddy=$! status=000
  for _ in $(seq 100); do
    status=$(curl -s -o answer -w '%{http_code}' "http://127.0.0.1:$relay/" || true)
    [ "$status" = 000 ] || break
    sleep 0.1
  done
  kill "$caddy"
  wait "$caddy" || true
  [ "$status" = 502 ]
  grep -c '"remote_ip":"127.0.0.1"' log || true
}
plain=$(entries '' '')
discarded=$(entries '' $'\tlog {\n\t\toutput discard\n\t}')
excluded=$(entries $'\tlog {\n\t\texclude http.log.error\n\t}' '')
echo "a sender's address in the log after a 502: $plain without a log, $discarded with a discarded one, $excluded with errors excluded"
[ "$plain $discarded $excluded" = "1 1 0" ]
