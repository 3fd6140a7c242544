#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     VERSION="5.3" beta in a .env is "5.3 beta", or an error, to both readers.
# Version:   python-dotenv 1.1.1, dotenv 17.2.3 of Node.js.
# Seen:      python-dotenv has no such variable, and goes on; dotenv of Node.js gives "5.3" beta with the quotes.
# For us:    one file tells a worker in Python and a front in Node.js two things, and neither says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-dotenv==1.1.1
npm install --silent --no-fund --no-audit dotenv@17.2.3 >/dev/null
printf 'VERSION="5.3" beta\nDEBUG=1\n' >.env
python=$(venv/bin/python -W ignore -c 'import dotenv, logging; logging.disable(50); print(dict(dotenv.dotenv_values(".env")))')
node=$(node -e 'console.log(JSON.stringify(require("dotenv").parse(require("fs").readFileSync(".env"))))')
echo "python-dotenv: $python"
echo "dotenv of Node.js: $node"
[ "$python" = "{'DEBUG': '1'}" ]
[ "$node" = '{"VERSION":"\"5.3\" beta","DEBUG":"1"}' ]
