#!/bin/sh
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
# Ends what runs when the package goes, and not when it is upgraded: dpkg says remove, rpm 0, apk nothing.
set -e
case "${1:-remove}" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now headcount.service headcount-once.timer || true
    fi
    ;;
esac
