#!/bin/sh
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
# Makes the user and its folder. Nothing is started: who runs the application says when, and which of the two units.
set -e
if ! getent passwd headcount >/dev/null; then
  if command -v useradd >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir /var/lib/headcount --shell /usr/sbin/nologin headcount
  else # Alpine
    addgroup -S headcount
    adduser -S -D -H -h /var/lib/headcount -s /sbin/nologin -G headcount headcount
  fi
fi
mkdir -p /var/lib/headcount
chown headcount:headcount /var/lib/headcount
chmod 0700 /var/lib/headcount
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart headcount.service # after an upgrade; what did not run is left so
fi
