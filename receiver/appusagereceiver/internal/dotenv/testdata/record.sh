#!/bin/sh
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

# Records in testdata/golden.json what the two readers themselves find in the corpus. It needs Python, Node.js and npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-dotenv==1.2.4
(cd "$folder" && npm install --silent --no-fund --no-audit dotenv@18.0.10)
env -i OUTSIDE=here PATH="$PATH" "$folder/venv/bin/python" "$here/record.py" >"$folder/python.json"
cp "$here/record.mjs" "$folder/record.mjs"
(cd "$folder" && node record.mjs <python.json) >"${1:-$here/golden.json}"
