#!/bin/sh
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
# The state stays when the package is removed: it holds who said no. dpkg's purge takes it, and the user.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
if [ "${1:-}" = purge ]; then
  rm -rf /var/lib/headcount /etc/headcount
  if getent passwd headcount >/dev/null; then
    userdel headcount 2>/dev/null || true
  fi
fi
